import { orAborted } from './abort'
import { after } from './pause'

/** A message of a stream of server-sent events. `event` is undefined for plain data. */
export interface StreamMessage {
  event: string | undefined
  data: string
}

/** Nothing arrived for longer than the server may be silent. */
export class Silence extends Error {
  override readonly name = 'Silence'
}

/**
 * Reads server-sent events as they arrive, and no faster than the reader takes them. The body is closed when the reader
 * leaves.
 *
 * @param silenceMs is called before each wait, and returns how many milliseconds the server may be silent
 * @throws Silence, the signal's reason, and any error that breaks the connection
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
      const { done, value } = await orAborted(orSilence(silenceMs(), reader.read()), signal)
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
        // Other fields are left out. The id of an event is in its data as well.
        if (field === 'data') data.push(text)
        else if (field === 'event') event = text
      }
    }
  } finally {
    // If the connection has broken, this reports the same error again.
    reader.cancel().catch(() => undefined)
  }
}

async function orSilence<T>(ms: number, work: Promise<T>): Promise<T> {
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
