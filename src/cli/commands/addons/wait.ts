import { setTimeout as delay } from 'node:timers/promises'
import type { Command } from 'commander'
import type { PlatformClient } from '../../../client/platform-client.ts'
import type { Addon } from '../../../client/shapes.ts'
import { chooseAddon } from '../../addon-choice.ts'
import { stateOf } from '../../addon-release.ts'
import { appOptions, jsonOption } from '../../app-options.ts'
import { progress } from '../../progress.ts'
import type { AppOptions, Session } from '../../session.ts'

const PAUSE = 1000

export function define(command: Command, session: Session): void {
  jsonOption(appOptions(command))
    .argument('<addon>', 'its name, or what it is attached as')
    .action(async (name: string, options: AppOptions & { json?: true }) => {
      const { client, app } = await session.app(options)
      const chosen = await chooseAddon(client, name, app)
      const addon = await progress(session.output, `Waiting for ${chosen.name}`, {
        work: () => whenProvisioned(client, chosen),
      })
      if (options.json) return session.output.json(addon)
      session.output.print(`${addon.name} is ${stateOf(addon)}.`)
    })
}

/** Waits until an add-on is there, however long its provider takes. Throws with the reason when it comes to nothing. */
export async function whenProvisioned(client: PlatformClient, addon: Addon): Promise<Addon> {
  let seen: Addon | undefined = addon
  while (seen?.state === 'provisioning') {
    await delay(PAUSE)
    seen = (await client.addons.resolve(addon.id)).at(0)
  }
  if (seen?.state === 'provisioned') return seen
  throw new Error(seen?.reason ?? `${addon.name} could not be created.`)
}
