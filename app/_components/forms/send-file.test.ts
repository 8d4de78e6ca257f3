import { expect, test } from 'vitest'
import { NotTaken, sendFile, type Reply, type Sending, type Transport } from './send-file'

const MB = 1024 * 1024
/** Two and a half pieces. A piece has 4 MiB. */
const size = 10 * MB
const file = {
  name: 'Ümläut.csv',
  type: 'text/csv',
  size,
  slice: (from: number, to: number) => new Blob([new Uint8Array(to - from)]),
}

/**
 * A server that counts the bytes that come, and loses connections as it is told. `loses` is asked for each request,
 * with its number from 0. It gives the bytes of the body that come before the connection breaks (for a POST or HEAD any
 * number: no answer comes), null where nothing breaks, or 'refuse' for a request that the server will never take.
 */
function serverThat(loses: (request: { method: string; count: number }) => number | 'refuse' | null = () => null) {
  let received = 0
  let count = 0
  const seen: string[] = []
  const pauses: number[] = []
  const reply = (status: number, headers: Record<string, string> = {}, message: string | null = null): Reply => ({
    status,
    header: (name) => headers[name] ?? null,
    message,
  })
  const transport: Transport = {
    async request({ method, headers, body, signal }) {
      seen.push(method)
      await Promise.resolve() // An answer never comes at once.
      if (signal.aborted) return reply(0)
      const loss = loses({ method, count: count++ })
      if (loss === 'refuse') return reply(413, {}, 'The file is too large')
      if (method === 'POST') return loss === null ? reply(201, { location: '/api/uploads/the-id' }) : reply(0)
      if (method === 'HEAD') return loss === null ? reply(200, { 'upload-offset': String(received) }) : reply(0)
      if (method === 'DELETE') return reply(204)
      if (Number(headers['upload-offset']) !== received) return reply(409, { 'upload-offset': String(received) })
      received += loss ?? body!.size
      return loss === null ? reply(204, { 'upload-offset': String(received) }) : reply(0)
    },
    pause: (ms) => (pauses.push(ms), Promise.resolve()),
  }
  return { transport, seen, pauses, received: () => received }
}

function sending(): Sending & { progress: number[]; waiting: boolean[]; stop: AbortController } {
  const [progress, waiting, stop] = [[] as number[], [] as boolean[], new AbortController()]
  return {
    organizationId: 'org',
    file,
    signal: stop.signal,
    onProgress: (bytes) => progress.push(bytes),
    onWaiting: (is) => waiting.push(is),
    progress,
    waiting,
    stop,
  }
}

test('a file is sent in pieces, each where the one before it ended', async () => {
  const server = serverThat()
  const { progress, ...rest } = sending()
  expect(await sendFile(rest, server.transport)).toBe('the-id')
  expect(server.seen).toEqual(['POST', 'PATCH', 'PATCH', 'PATCH'])
  expect(server.received()).toBe(size)
  expect(progress).toEqual([0, 4 * MB, 8 * MB, size])
})

test('when connections break, it asks how much has come and goes on from there, with longer and longer pauses', async () => {
  // Request 0 is the POST, and 1 and 2 are PATCHes. The second of these breaks off after a megabyte, then six HEADs get
  // no answer.
  const server = serverThat(({ count }) => (count === 2 ? MB : count >= 3 && count <= 8 ? 0 : null))
  const sent = sending()
  expect(await sendFile(sent, server.transport)).toBe('the-id')
  expect(server.received()).toBe(size)
  expect(server.seen.filter((method) => method === 'HEAD').length).toBe(7)
  expect(server.pauses).toEqual([500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000])
  expect(sent.waiting).toContain(true)
  expect(sent.waiting.at(-1)).toBe(false)
})

test('what the server will never take ends the sending with its reason', async () => {
  const server = serverThat(({ count }) => (count === 1 ? 'refuse' : null))
  await expect(sendFile(sending(), server.transport)).rejects.toThrow(new NotTaken('The file is too large'))
})

test('an upload that is given up is taken back from the server', async () => {
  const sent = sending()
  const server = serverThat(({ count }) => {
    if (count === 2) sent.stop.abort(new Error('given up'))
    return null
  })
  await expect(sendFile(sent, server.transport)).rejects.toThrow('given up')
  expect(server.seen.at(-1)).toBe('DELETE')
})
