import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { afterAll, expect, it } from 'vitest'
import { discardRest } from './discard-rest'

const server = createServer((request, response) => {
  response.once('finish', () => discardRest(request))
  // As Next.js does when a route refuses a body after its first bytes.
  request.once('data', () => {
    request.pause()
    response.end('refused')
  })
  if (request.method === 'GET') response.end('answered')
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

it.each([
  ['came before the whole body', 1_000_000],
  ['left a body unread that had come wholly', 20_000],
])('a connection answers its next request after a refusal that %s', async (_, bytes) => {
  if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  let text = ''
  socket.setEncoding('utf8').on('data', (part: string) => (text += part))
  socket.write(`POST / HTTP/1.1\r\nhost: x\r\ncontent-length: ${bytes}\r\n\r\n${'x'.repeat(bytes)}`)
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
  await expect.poll(() => text).toContain('refused')
  await expect.poll(() => text).toContain('answered')
  socket.destroy()
})
