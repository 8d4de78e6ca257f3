import { TRPCError } from '@trpc/server'

const KIB = 1024
const MIB = 1024 * KIB
/** Of what is refused anyway, so much is let in before the connection is cut. */
const MAX_DISCARDED = 64 * MIB
/** Up to 1,000 jobs come in one call of it. */
const LARGE_CALLS = new Set(['jobs.submitMany'])

/** How many bytes a request's body may have, by the procedures that its path names. */
export const bodyLimit = (path: string): number =>
  path.split(',').some((procedure) => LARGE_CALLS.has(procedure)) ? 16 * MIB : MIB

/**
 * Makes `request.json()` stop reading past `limit`. It is read only once a procedure asks for its
 * input, so after authentication: nobody sends us megabytes without a name.
 */
export function limitBody(request: Request, limit: number): Request {
  Object.defineProperty(request, 'json', { value: () => readJson(request, limit) })
  return request
}

// A missing body is unreadable JSON like any other.
const readJson = async (request: Request, limit: number): Promise<unknown> => JSON.parse(await readText(request, limit))

/**
 * The body as text; none is empty.
 * @throws TRPCError PAYLOAD_TOO_LARGE past `limit` bytes
 */
export async function readText(request: Request, limit: number): Promise<string> {
  const reader = request.body?.getReader()
  const chunks: Uint8Array[] = []
  let size = 0
  for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
    size += read.value.byteLength
    if (size > limit) {
      if (reader) await discard(reader)
      throw new TRPCError({ code: 'PAYLOAD_TOO_LARGE' })
    }
    chunks.push(read.value)
  }
  // Bytes that are no UTF-8 are unreadable, not a lot of question marks.
  return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
}

/** Reads on without keeping anything: who still sends when the answer comes gets a broken pipe instead. */
export async function discardBody(request: Request): Promise<void> {
  if (request.body && !request.bodyUsed && !request.body.locked) await discard(request.body.getReader())
}

async function discard(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  let size = 0
  try {
    for (let read = await reader.read(); !read.done && size < MAX_DISCARDED; read = await reader.read()) size += read.value.byteLength
    await reader.cancel()
  } catch {
    // The caller left; nobody waits for an answer.
  }
}
