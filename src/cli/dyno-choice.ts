import type { Command } from 'commander'
import type { DynoChoice } from '../client/resources/dynos.ts'
import { UsageError } from './errors.ts'

export interface ChoiceOptions {
  dynoName?: string
  processType?: string
}

/** Adds the ways to name one dyno or a process type. */
export function choiceOptions(command: Command): Command {
  return command
    .argument('[dyno]', 'a dyno, like web.1, or a process type, like web')
    .option('-d, --dyno-name <dyno>', 'a dyno, like web.1')
    .option('-p, --process-type <type>', 'a process type, like web')
}

export function choice(
  name: string | undefined,
  options: ChoiceOptions,
): Exclude<DynoChoice, 'all'> | undefined {
  const { dynoName: dyno, processType: type } = options
  if ([name, dyno, type].filter(given => given !== undefined).length > 1) {
    throw new UsageError('Name one dyno or one process type, not several.')
  }
  if (dyno !== undefined) return { dyno }
  if (type !== undefined) return { type }
  if (name === undefined) return undefined
  return name.includes('.') ? { dyno: name } : { type: name }
}

export function spokenChoice(chosen: DynoChoice): string {
  if (chosen === 'all') return 'all dynos'
  return 'dyno' in chosen ? chosen.dyno : `all ${chosen.type} dynos`
}
