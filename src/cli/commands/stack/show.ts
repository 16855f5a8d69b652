import type { Command } from 'commander'
import { CONTAINER_STACK } from '../../../core/app.ts'
import { appOptions, jsonOption } from '../../app-options.ts'
import type { AppOptions, Session } from '../../session.ts'

export function define(command: Command, session: Session): void {
  jsonOption(appOptions(command)).action(async (options: AppOptions & { json?: true }) => {
    const { client, app } = await session.app(options)
    const [{ stack, build_stack: next }, stacks] = await Promise.all([
      client.apps.info(app),
      client.apps.stacks(),
    ])
    if (options.json) return session.output.json({ stack, build_stack: next, stacks })
    session.output.print(`=== ${app} Available Stacks`)
    for (const { name } of stacks) {
      const remark = name === next.name && name !== stack.name ? ` (${when(stack.name)})` : ''
      session.output.print(`${name === stack.name ? '*' : ' '} ${name}${remark}`)
    }
  })
}

/** Where a Dockerfile alone says how to build, it is used on any stack. */
function when(now: string): string {
  return now === CONTAINER_STACK
    ? 'from the next build on, if buildpacks can build the app'
    : 'from the next build on'
}
