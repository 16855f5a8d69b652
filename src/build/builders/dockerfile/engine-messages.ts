/** One message of the engine's answer to a build. */
export interface EngineMessage {
  /** What the builder says, or what a program of the build prints. */
  stream?: string
  /** How the download of a base image goes. */
  status?: string
  id?: string
  progressDetail?: object
  /** Why the build ended without an image. */
  error?: string
  /** The image with which a stage ended. */
  aux?: { ID?: string }
}

/** Nothing the engine says is this long. */
const MAX_MESSAGE = 4_000_000

/** The messages of a build as they come, a line of JSON each. */
export async function* engineMessages(answer: AsyncIterable<Buffer | string>): AsyncGenerator<EngineMessage> {
  const decoder = new TextDecoder()
  let pending = ''
  for await (const chunk of answer) {
    pending += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
    const lines = pending.split('\n')
    pending = lines.pop() ?? ''
    if (pending.length > MAX_MESSAGE) throw new Error('The Docker engine sent a message without an end.')
    for (const line of lines) if (line.trim() !== '') yield parsed(line)
  }
  if (pending.trim() !== '') yield parsed(pending)
}

function parsed(line: string): EngineMessage {
  const message: unknown = JSON.parse(line)
  return typeof message === 'object' && message !== null ? message : {}
}
