import { Readable } from 'node:stream'

/** A stream on its way to storage, which counts its bytes and tells a fault of the source from one of the storage. */
export interface CountedStream {
  stream: Readable
  /** Bytes so far. */
  size: () => number
  /** What the source threw, where it failed. */
  failure: () => unknown
}

/** Counts the bytes of a source. When `signal` fires, also while the source waits, the stream fails with its reason. */
export function countBytes(source: Readable, signal?: AbortSignal): CountedStream {
  let size = 0
  let failure: unknown
  async function* count() {
    try {
      for await (const chunk of source) {
        signal?.throwIfAborted()
        const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Uint8Array)
        size += bytes.byteLength
        yield bytes
      }
      signal?.throwIfAborted()
    } catch (error) {
      failure = error
      throw error
    }
  }
  const stream = Readable.from(count(), { objectMode: false })
  // The storage makes a place for the file before it reads the source. An error that comes meanwhile, the source's own or
  // the signal's, would end the process if nobody listened for it. Whoever reads the stream later gets it.
  source.on('error', () => undefined)
  // The loop above looks at the signal only between chunks. Destroying the source ends a wait for the next chunk, too.
  const stop = () => void source.destroy(signal?.reason as Error)
  if (signal?.aborted) stop()
  else signal?.addEventListener('abort', stop, { once: true })
  stream.once('close', () => signal?.removeEventListener('abort', stop))
  return { stream, size: () => size, failure: () => failure }
}
