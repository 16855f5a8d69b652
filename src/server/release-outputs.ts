import { releaseDynoId } from '../core/release-command.ts'
import type { Transcript, Transcripts } from '../logs/transcript.ts'
import type { DynoLine, ObservedDyno } from '../runtime/driver.ts'

/** Keeps what release commands print: a transcript for each, under its dyno's id. Told the same twice, it keeps it once. */
export class ReleaseOutputs {
  readonly #transcripts: Transcripts
  readonly #growing = new Map<string, Transcript>()

  constructor(transcripts: Transcripts) {
    this.#transcripts = transcripts
  }

  /** Goes on with the commands that an earlier control plane left running. */
  async adopt(dynos: readonly Pick<ObservedDyno, 'id' | 'kind' | 'state'>[]): Promise<void> {
    const running = dynos.filter(({ kind, state }) => kind === 'release' && state !== 'exited')
    for (const { id } of running) await this.#transcript(id)
  }

  /** Resolves once what was printed is written. */
  async store(lines: readonly DynoLine[]): Promise<void> {
    const commands = lines.flatMap(line =>
      line.dyno?.kind === 'release' ? [{ id: line.dyno.id, line }] : [],
    )
    for (const [id, group] of Map.groupBy(commands, command => command.id)) {
      await this.#add(
        id,
        group.map(({ line }) => line),
      )
    }
  }

  async #add(id: string, lines: readonly DynoLine[]): Promise<void> {
    const transcript = await this.#transcript(id)
    if (!transcript) return
    const printed = lines.filter(({ offset }) => offset !== null)
    const text = printed.map(({ line }) => `${line.text}\n`).join('')
    await transcript.place(printed[0]?.offset ?? 0, text)
    if (!lines.some(({ isLast }) => isLast)) return
    await transcript.end()
    this.#growing.delete(id)
  }

  /** Undefined when it is complete: its lines are told again. */
  async #transcript(id: string): Promise<Transcript | undefined> {
    const growing = this.#growing.get(id)
    if (growing) return growing
    if ((await this.#transcripts.finalSize(id)) !== undefined) return undefined
    const transcript = await this.#transcripts.open(id)
    this.#growing.set(id, transcript)
    return transcript
  }
}

/** What a release's command prints, from its beginning, whenever that is, to its end or until `signal` aborts. */
export async function* releaseOutput(
  transcripts: Transcripts,
  releaseId: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const id = releaseDynoId(releaseId)
  await transcripts.begun(id, signal)
  yield* (await transcripts.read(id, 0, signal)) ?? []
}
