import { createServer, request, type IncomingMessage } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, it } from 'vitest'
import { withGatheredChunks } from './gather-chunks'

let take: (body: IncomingMessage) => Promise<unknown> = () => Promise.resolve()
const server = createServer(
  withGatheredChunks((body, response) => void take(body).then((seen) => response.end(JSON.stringify(seen)))),
).listen(0, '127.0.0.1')
await new Promise((resolve) => server.once('listening', resolve))
const { port } = server.address() as AddressInfo
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

/** What the server saw of a body in pieces: the pieces, and their text. */
const pieces = async (body: IncomingMessage) => {
  let count = 0
  let text = ''
  for await (const piece of body) {
    count++
    text += String(piece)
  }
  return { count, text }
}

function post(write: (sent: ReturnType<typeof request>) => Promise<void> | void, headers: Record<string, string> = {}) {
  return new Promise<{ count: number; text: string }>((resolve, reject) => {
    const sent = request({ port, method: 'POST', headers }, (response) => {
      let answer = ''
      response.on('data', (part) => (answer += String(part)))
      response.on('end', () => resolve(JSON.parse(answer) as { count: number; text: string }))
    }).on('error', reject)
    void Promise.resolve(write(sent)).then(() => sent.end())
  })
}

it('a body in chunks of one byte comes in few pieces and is whole', async () => {
  take = pieces
  const body = Array.from({ length: 50_000 }, (_, n) => String(n % 10)).join('')
  const seen = await new Promise<{ count: number; text: string }>((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const chunks = [...body].map((byte) => `1\r\n${byte}\r\n`).join('')
    socket.write(
      `POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n${chunks}0\r\n\r\n`,
    )
    let answer = ''
    socket.on('data', (part) => (answer += String(part)))
    socket.on('close', () => resolve(JSON.parse(/\{.*\}/s.exec(answer)![0]) as { count: number; text: string }))
  })
  expect(seen.text).toBe(body)
  expect(seen.count).toBeLessThan(200)
})

it('bodies of a known length, empty ones, and chunks that come slowly are read as they are', async () => {
  take = pieces
  expect(await post((sent) => void sent.write('abc'), { 'content-length': '3' })).toEqual({ count: 1, text: 'abc' })
  expect((await post(() => undefined, { 'transfer-encoding': 'chunked' })).text).toBe('')
  const slow = await post(async (sent) => {
    for (const letter of 'abc') {
      sent.write(letter)
      await sleep(30)
    }
  })
  expect(slow).toEqual({ count: 3, text: 'abc' })
})

it('a sender of small chunks waits while nobody reads, and nothing is lost when somebody does', async () => {
  let begin!: () => void
  const reading = new Promise<void>((resolve) => (begin = resolve))
  let held = 0
  take = async (body) => {
    const watch = setInterval(() => (held = Math.max(held, body.readableLength)), 5)
    await reading
    clearInterval(watch)
    return pieces(body)
  }
  const total = 4_000_000
  const answer = post(async (sent) => {
    const piece = 'x'.repeat(100)
    for (let written = 0; written < total; written += 100)
      if (!sent.write(piece)) {
        const drained = new Promise((resolve) => sent.once('drain', resolve))
        await Promise.race([drained, sleep(1_000)])
        begin()
        await drained
      }
  })
  expect((await answer).text).toHaveLength(total)
  expect(held, 'bytes that wait unread').toBeLessThan(1_000_000)
})
