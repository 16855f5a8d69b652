import type { Socket } from 'node:net'

/** Calls `receive` for every JSON document that `socket` brings, one a line. A malformed line ends the connection. */
export function receiveJson(socket: Socket, receive: (message: unknown) => void): void {
  let rest = ''
  socket.setEncoding('utf8')
  socket.on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    try {
      for (const line of lines) receive(JSON.parse(line))
    } catch (error) {
      socket.destroy(error as Error)
    }
  })
}

export function sendJson(socket: Socket, message: unknown): void {
  if (socket.writable) socket.write(`${JSON.stringify(message)}\n`)
}
