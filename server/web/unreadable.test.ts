import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { answerUnreadable, MAX_HEADER_BYTES } from './unreadable'

const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES }, (...call) => answer(...call))
/** What the server answers with in the test that runs. */
let answer: RequestListener
answerUnreadable(server)
afterEach(async () => {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
})

/** All that comes back until the server closes. Each part is sent once the one before has been answered. */
async function exchange(...parts: string[]): Promise<string> {
  if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  // The server may close the connection before all was sent.
  socket.on('error', () => undefined)
  let text = ''
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  const closed = once(socket, 'close')
  for (const [n, part] of parts.entries()) {
    const before = text.length
    socket.write(part)
    if (n < parts.length - 1) await expect.poll(() => text.length).toBeGreaterThan(before)
  }
  await closed
  return text
}
const errorIn = (text: string) =>
  (JSON.parse(text.slice(text.lastIndexOf('\r\n\r\n'))) as { error: { data: object } }).error.data
const get = (path: string, headers = '') => `GET ${path} HTTP/1.1\r\nhost: x\r\n${headers}\r\n`
const whole: RequestListener = (_, response) => void response.end('hello')

it('the server takes an address as long as the largest filter', async () => {
  answer = whole
  expect(await exchange(get(`/${'x'.repeat(60_000)}`, 'connection: close\r\n'))).toMatch(/^HTTP\/1\.1 200 OK[^]*hello/)
})

it.each([
  ['address', get(`/${'x'.repeat(70_000)}`)],
  ['header', get('/', `cookie: ${'x'.repeat(200_000)}\r\n`)],
])('a caller whose %s is too large is told so once, and the connection is closed', async (_, bytes) => {
  answer = whole
  const text = await exchange(bytes)
  expect(text).toMatch(/^HTTP\/1\.1 413 Payload Too Large\r\n/)
  expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1)
  expect(text).toMatch(/\r\nContent-Type: application\/json\r\n/)
  expect(text).toMatch(/\r\nX-Content-Type-Options: nosniff\r\n/)
  expect(errorIn(text)).toEqual({ code: 'PAYLOAD_TOO_LARGE', httpStatus: 413, reason: 'TOO_LARGE' })
})

it.each([
  'nonsense\r\n\r\n',
  get('/', 'no header\r\n'),
  get('/', 'content-length: many\r\n'),
  'GET / HTTP/9.9\r\n\r\n',
  get('/', 'content-length: 1\r\ntransfer-encoding: chunked\r\n'),
])('what is no request of HTTP is refused: %j', async (bytes) => {
  answer = whole
  const text = await exchange(bytes)
  expect(text).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
  expect(errorIn(text)).toMatchObject({
    code: 'BAD_REQUEST',
    httpStatus: 400,
    reason: 'INVALID_INPUT',
    fields: [{ path: '' }],
  })
})

it('a request that cannot be read is answered after an answer that has ended, and instead of one that has not begun', async () => {
  answer = whole
  const later = await exchange(get('/'), get(`/${'x'.repeat(70_000)}`))
  expect(later).toMatch(/^HTTP\/1\.1 200 OK[^]*hello[^]*HTTP\/1\.1 413 Payload Too Large/)
  answer = () => undefined
  const waiting = await exchange('POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nno length\r\n')
  expect(errorIn(waiting)).toMatchObject({ reason: 'INVALID_INPUT' })
})

it('a request that cannot be read puts nothing into an answer that has begun', async () => {
  answer = (_, response) => void response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n')
  const text = await exchange(get('/'), 'nonsense\r\n\r\n')
  expect(text).toContain('data: 1')
  expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1)
})
