import { orAborted } from './abort'
import { after } from './pause'

/** A message of a stream of server-sent events; `event` is undefined for plain data. */
export interface StreamMessage {
  event: string | undefined
  data: string
}

/** Nothing came for longer than the server leaves between two heartbeats. */
export class Silence extends Error {
  override readonly name = 'Silence'
}

/**
 * Reads server-sent events as they come, and no faster than they are taken. The body is let go when
 * the reader leaves.
 *
 * @param silenceMs asked before each wait: how long the server may say nothing
 * @throws Silence, the signal's reason, and whatever breaks the connection
 */
export async function* readEventStream(
  body: ReadableStream<Uint8Array>,
  silenceMs: () => number,
  signal?: AbortSignal,
): AsyncGenerator<StreamMessage, void, undefined> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let event: string | undefined
  let data: string[] = []
  let rest = ''
  try {
    for (;;) {
      const { done, value } = await orAborted(within(silenceMs(), reader.read()), signal)
      if (done) return
      const lines = (rest + decoder.decode(value, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      for (const raw of lines) {
        const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw
        if (line === '') {
          if (data.length > 0) yield { event, data: data.join('\n') }
          event = undefined
          data = []
          continue
        }
        const colon = line.indexOf(':')
        const field = colon < 0 ? line : line.slice(0, colon)
        const text = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
        if (field === 'data') data.push(text)
        else if (field === 'event') event = text
      }
    }
  } finally {
    // Where the connection broke, this says so once more.
    reader.cancel().catch(() => undefined)
  }
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let callOff!: () => void
  const late = new Promise<never>((_, reject) => {
    callOff = after(ms, () => reject(new Silence(`nothing came for ${ms} ms`)))
  })
  try {
    return await Promise.race([work, late])
  } finally {
    callOff()
  }
}
