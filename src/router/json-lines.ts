import type { Socket } from 'node:net'
import { StringDecoder } from 'node:string_decoder'

/** One message may not be longer than this: a table of a thousand apps is a tenth of it. */
const LONGEST = 64 * 1024 * 1024

/** Calls back with every JSON document that comes, one a line; anything else ends the connection. */
export function readJsonLines(socket: Socket, onDocument: (document: unknown) => void): void {
  const decoder = new StringDecoder('utf8')
  let rest: string[] = []
  let length = 0
  socket.on('data', (chunk: Buffer) => {
    const lines = decoder.write(chunk).split('\n')
    const last = lines.pop() ?? ''
    for (const line of lines) {
      rest.push(line)
      const text = rest.join('')
      rest = []
      length = 0
      try {
        onDocument(JSON.parse(text))
      } catch (cause) {
        socket.destroy(new Error('The other side of the feed sent what is no message.', { cause }))
        return
      }
    }
    rest.push(last)
    length += last.length
    if (length > LONGEST)
      socket.destroy(new Error(`A message of the feed is longer than ${LONGEST} characters.`))
  })
}

/** False when the socket's buffer is full. */
export function writeJsonLine(socket: Socket, document: unknown): boolean {
  return socket.write(`${JSON.stringify(document)}\n`)
}
