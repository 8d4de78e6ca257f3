/**
 * Sends a file in pieces, and goes on where it stopped when a connection breaks (docs/uploads.md). How requests are
 * sent and how time passes comes in, so that a test needs neither a browser nor patience.
 */
export interface Sending {
  organizationId: string
  file: { name: string; type: string; size: number; slice: (from: number, to: number) => Blob }
  signal: AbortSignal
  /** Bytes that the server has, and that are on their way. */
  onProgress: (bytes: number) => void
  /** True while the server cannot be reached and it is tried again. */
  onWaiting: (waiting: boolean) => void
}

export interface Transport {
  request: (request: {
    method: 'POST' | 'HEAD' | 'PATCH' | 'DELETE'
    url: string
    headers: Record<string, string>
    body?: Blob
    onProgress?: (bytes: number) => void
    signal: AbortSignal
  }) => Promise<Reply>
  /** Waits for `ms` milliseconds. It ends sooner when the connection is back, or when the sending is given up. */
  pause: (ms: number, signal: AbortSignal) => Promise<void>
}

export interface Reply {
  /** 0: no answer came. */
  status: number
  header: (name: string) => string | null
  /** What the server says of a refusal. */
  message: string | null
}

/** Bytes. A broken connection loses little of so small a piece, and 1 GiB still comes in only 256 pieces. */
const PIECE = 4 * 1024 * 1024
const LONGEST_PAUSE_MS = 10_000

/** The server will not take this file, whatever is tried. */
export class NotTaken extends Error {
  override readonly name = 'NotTaken'
}

/** Resolves to the id of the upload when the server has all of the file. @throws NotTaken, or the signal's reason */
export async function sendFile(sending: Sending, transport: Transport): Promise<string> {
  const { file, signal, onProgress } = sending
  let failures = 0
  /**
   * Asks until the server takes the request, or answers with a status in `also`. A PATCH that fails is not sent again.
   * Its reply is returned.
   */
  const ask = async (request: Omit<Parameters<Transport['request']>[0], 'signal'>, also: number[] = []) => {
    for (;;) {
      signal.throwIfAborted()
      const reply = await transport.request({ ...request, signal })
      signal.throwIfAborted()
      if ((reply.status >= 200 && reply.status < 300) || also.includes(reply.status)) {
        failures = 0
        sending.onWaiting(false)
        return reply
      }
      if (!mayPass(reply.status)) throw new NotTaken(reply.message ?? `The server answered with ${reply.status}.`)
      sending.onWaiting(true)
      await transport.pause(pauseOf(reply, failures++), signal)
      // What came of a piece that broke off is not known. So its place is asked for first.
      if (request.method === 'PATCH') return reply
    }
  }
  const created = await ask({
    method: 'POST',
    url: `/api/uploads?organizationId=${encodeURIComponent(sending.organizationId)}`,
    headers: {
      'upload-length': String(file.size),
      'upload-metadata': `filename ${base64(file.name)},filetype ${base64(file.type || 'application/octet-stream')}`,
    },
  })
  const url = created.header('location') ?? ''
  const giveUp = () =>
    void transport.request({ method: 'DELETE', url, headers: {}, signal: new AbortController().signal })
  signal.addEventListener('abort', giveUp, { once: true })
  try {
    for (let offset = 0; offset < file.size;) {
      onProgress(offset)
      const from = offset
      const reply = await ask(
        {
          method: 'PATCH',
          url,
          headers: { 'upload-offset': String(from), 'content-type': 'application/offset+octet-stream' },
          body: file.slice(from, Math.min(file.size, from + PIECE)),
          onProgress: (bytes) => onProgress(Math.min(file.size, from + bytes)),
        },
        // 409: the server has another number of bytes than this piece begins after. It says which.
        [409],
      )
      const told =
        reply.status === 204 || reply.status === 409 ? reply : await ask({ method: 'HEAD', url, headers: {} })
      offset = Number(told.header('upload-offset') ?? from)
    }
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
  onProgress(file.size)
  return url.split('/').at(-1)!
}

/** Whether another try may help: no answer, too slow, too many at once, or a server that has trouble. */
const mayPass = (status: number) => status === 0 || status === 408 || status === 429 || status >= 500

function pauseOf(reply: Reply, failures: number): number {
  const asked = Number(reply.header('retry-after')) * 1_000
  return asked > 0 ? asked : Math.min(LONGEST_PAUSE_MS, 500 * 2 ** failures)
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)))
}
