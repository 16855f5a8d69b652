import { createServer } from 'node:net'

// The least a backend can do, so that it never is what is measured: one fixed answer for every request's end.

const body = 'Hello, tide!\n'
const answer = Buffer.from(
  `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\nDate: Tue, 01 Jan 2030 00:00:00 GMT\r\n\r\n${body}`,
)

createServer({ noDelay: true }, socket => {
  let rest = ''
  socket.on('error', () => socket.destroy())
  socket.on('data', chunk => {
    const heads = (rest + chunk.toString('latin1')).split('\r\n\r\n')
    rest = heads.pop() ?? ''
    for (const _head of heads) socket.write(answer)
  })
}).listen(Number(process.argv[2]), '127.0.0.1')
