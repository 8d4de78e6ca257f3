import { describe, expect, it } from 'vitest'
import { readEventStream, Silence } from './event-stream'

/** A response body that arrives in these pieces. Afterwards it ends, or stays open. */
function body(
  pieces: readonly (string | Uint8Array)[],
  { open = false, onCancel = (): void => {} } = {},
): ReadableStream<Uint8Array> {
  const left = [...pieces]
  return new ReadableStream({
    pull(controller) {
      const next = left.shift()
      if (next !== undefined) controller.enqueue(typeof next === 'string' ? new TextEncoder().encode(next) : next)
      else if (!open) controller.close()
      else return new Promise(() => undefined)
    },
    cancel: onCancel,
  })
}
async function readAll(stream: ReturnType<typeof readEventStream>) {
  const messages = []
  for await (const message of stream) messages.push(message)
  return messages
}

const NEVER_SILENT = () => 60_000

/** A stream, line by line, with one case each. */
const LINES = [
  ...['event: connected', 'data: {}', ''],
  // One empty line more is no message.
  '',
  // The id of the stream is not read. Events carry their own.
  ...['data: {"id":"1"}', 'id: 1', ''],
  // A comment, and a message without text.
  ...[': a comment', 'event: ping', 'data: ', ''],
  // A character of two bytes, and a second line without a space.
  ...['data: ü', 'data:two', ''],
  '',
]
const MESSAGES = [
  { event: 'connected', data: '{}' },
  { event: undefined, data: '{"id":"1"}' },
  { event: 'ping', data: '' },
  { event: undefined, data: 'ü\ntwo' },
]

describe('a stream of events', () => {
  it.each(['\n', '\r\n'])(
    'a stream of events gives the same messages wherever its bytes are cut, with lines that end in %j',
    async (lineEnd) => {
      const bytes = new TextEncoder().encode(LINES.join(lineEnd))
      for (const size of [1, 2, 3, 7, bytes.length]) {
        const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
          bytes.slice(n * size, (n + 1) * size),
        )
        expect(await readAll(readEventStream(body(pieces), NEVER_SILENT)), `${size} bytes at once`).toEqual(MESSAGES)
      }
    },
  )

  it('a stream of events keeps a carriage return that stands inside a line, wherever its bytes are cut', async () => {
    const pieces = ['data: a\r', 'b\n\n']
    expect(await readAll(readEventStream(body(pieces), NEVER_SILENT))).toEqual([{ event: undefined, data: 'a\rb' }])
  })

  it('a stream of events leaves out a message that breaks off in the middle', async () => {
    expect(await readAll(readEventStream(body(['data: 1\n\ndata: 2\n']), NEVER_SILENT))).toEqual([
      { event: undefined, data: '1' },
    ])
  })

  it('a stream of events is given up when it is silent for too long, and its connection is closed', async () => {
    let canceled = false
    const stream = readEventStream(
      body(['data: 1\n\n'], { open: true, onCancel: () => void (canceled = true) }),
      () => 50,
    )
    expect((await stream.next()).value).toEqual({ event: undefined, data: '1' })
    await expect(stream.next()).rejects.toBeInstanceOf(Silence)
    expect(canceled).toBe(true)
  })

  it('a stream of events is closed when its reader leaves', async () => {
    let canceled = false
    for await (const message of readEventStream(
      body(['data: 1\n\n'], { open: true, onCancel: () => void (canceled = true) }),
      NEVER_SILENT,
    )) {
      expect(message.data).toBe('1')
      break
    }
    expect(canceled).toBe(true)
  })

  it('a stream of events ends with the reason of its signal while it waits, and its connection is closed', async () => {
    let canceled = false
    const stop = new AbortController()
    const stream = readEventStream(
      body(['data: 1\n\n'], { open: true, onCancel: () => void (canceled = true) }),
      NEVER_SILENT,
      stop.signal,
    )
    expect((await stream.next()).value).toEqual({ event: undefined, data: '1' })
    const waiting = stream.next()
    stop.abort(new Error('nobody watches any more'))
    await expect(waiting).rejects.toThrow('nobody watches any more')
    expect(canceled).toBe(true)
  })
})
