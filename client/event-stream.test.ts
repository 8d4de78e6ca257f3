import { describe, expect, it } from 'vitest'
import { readEventStream, Silence } from './event-stream'

/** A response body that arrives in these pieces. Afterwards it ends, or stays open. */
function body(
  pieces: readonly (string | Uint8Array)[],
  { open = false, onCancel = () => undefined as void } = {},
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
async function all(stream: ReturnType<typeof readEventStream>) {
  const messages = []
  for await (const message of stream) messages.push(message)
  return messages
}

describe('a stream of events', () => {
  it('a stream of events is read correctly, wherever it is cut into pieces', async () => {
    const text =
      'event: connected\ndata: {}\n\n\ndata: {"id":"1"}\nid: 1\n\n\n: a comment\nevent: ping\ndata: \n\n\ndata: ü\ndata:two\n\n'
    const bytes = new TextEncoder().encode(text)
    const expected = [
      { event: 'connected', data: '{}' },
      { event: undefined, data: '{"id":"1"}' },
      { event: 'ping', data: '' },
      { event: undefined, data: 'ü\ntwo' },
    ]
    for (const size of [1, 2, 3, 7, bytes.length]) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
        bytes.slice(n * size, (n + 1) * size),
      )
      expect(await all(readEventStream(body(pieces), () => 1000))).toEqual(expected)
    }
    expect(await all(readEventStream(body([text.replaceAll('\n', '\r\n')]), () => 1000))).toEqual(expected)
  })

  it('an event that breaks off in the middle is left out', async () => {
    expect(await all(readEventStream(body(['data: 1\n\ndata: 2\n']), () => 1000))).toEqual([
      { event: undefined, data: '1' },
    ])
  })

  it('a stream of events that is silent for too long is given up, and its connection is closed', async () => {
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
      () => 1000,
    )) {
      expect(message.data).toBe('1')
      break
    }
    expect(canceled).toBe(true)
  })
})
