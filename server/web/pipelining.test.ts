import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import { oneRequestAtATime } from './pipelining'

let answer: RequestListener
const server = createServer(oneRequestAtATime((...call) => answer(...call)))
afterEach(async () => {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
})

const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nhost: x\r\n${more}\r\n`

/** What comes back for these bytes, sent in one go, until the server closes. */
async function exchange(bytes: string): Promise<string> {
  const socket = await open()
  let text = ''
  socket.setEncoding('utf8').on('data', (part: string) => (text += part))
  const closed = once(socket, 'close')
  socket.write(bytes)
  await closed
  return text
}

async function open() {
  if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.on('error', () => undefined)
  return socket
}

it('requests that are sent ahead on one connection are answered in order, and each begins only after the answer before it', async () => {
  let working = 0
  let most = 0
  const work = async (...[request, response]: Parameters<RequestListener>) => {
    most = Math.max(most, ++working)
    let body = ''
    for await (const part of request) body += String(part)
    await sleep(2)
    working--
    response.end(`[${request.url} ${body}]`)
  }
  answer = (...call) => void work(...call)
  const post = 'POST /posted HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nhello'
  const text = await exchange(
    Array.from({ length: 30 }, (_, n) => get(`/${n}`)).join('') + post + get('/last', 'connection: close\r\n'),
  )
  const answers = [...text.matchAll(/\[(\S+) (\w*)\]/g)].map(([, path, body]) => `${path} ${body}`.trim())
  expect(answers).toEqual([...Array.from({ length: 30 }, (_, n) => `/${n}`), '/posted hello', '/last'])
  expect(most).toBe(1)
})

it('another caller is answered while a connection has many requests waiting', async () => {
  let answered = 0
  let answeredBefore = Infinity
  answer = (request, response) => {
    // Work that keeps the process busy.
    for (const until = performance.now() + 10; performance.now() < until;);
    answered++
    if (request.url === '/other') answeredBefore = answered
    response.end(request.url)
  }
  const busy = await open()
  busy.write(get('/').repeat(90))
  await once(busy, 'data')
  expect(await exchange(get('/other', 'connection: close\r\n'))).toContain('/other')
  expect(answeredBefore).toBeLessThan(45)
  busy.destroy()
})

it('a connection with more than a hundred requests waiting is closed', async () => {
  let begun = 0
  answer = () => void begun++
  expect(await exchange(get('/').repeat(200))).toBe('')
  expect(begun).toBe(1)
})
