import { Readable } from 'node:stream'
import contentDisposition from 'content-disposition'
import parseRange from 'range-parser'
import { authenticate } from '@/server/auth/authenticate'
import { scopeOf } from '@/server/auth/principal'
import { EngineError, findArtifact } from '@/server/engine'
import type { ArtifactStore } from '@/server/storage'
import { errorResponse } from './errors'
import type { Services } from './services'
import { isUuid } from '@/server/engine/domain/uuid'

// Sends the files that jobs have made, which are called artifacts.

/** A content type that is safe in a header. Handlers give any text as the type, so it is checked here. */
const MEDIA_TYPE =
  /^[\w!#$&^.+-]{1,100}\/[\w!#$&^.+-]{1,100}(?:; ?[\w!#$&^.+-]{1,100}=(?:[\w!#$&^.+-]{1,100}|"[\w !#$&^.+-]{1,100}"))*$/

/** Headers that make browsers only download a file. Whatever it contains must never run in the dashboard's origin. */
const DOWNLOAD_ONLY = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "sandbox; default-src 'none'",
  'cross-origin-resource-policy': 'same-origin',
  // `no-transform`: otherwise text would be compressed on its way out. A range would then have a wrong length, and the
  // ETag would belong to other bytes.
  'cache-control': 'private, no-cache, no-transform',
} as const

/** Sends the bytes of an artifact, all or a range of them, to callers who may see its job. */
export async function sendArtifact(
  request: Request,
  { jobId, name }: { jobId: string; name: string },
  { services, storage }: { services: Services; storage: ArtifactStore },
): Promise<Response> {
  try {
    const principal = await authenticate(request.headers, services.db)
    await services.callLimits.take(principal)
    const artifact =
      isUuid(jobId) && !name.includes('\0')
        ? await findArtifact(services.db, { jobId, name }, scopeOf(principal))
        : null
    if (!artifact) throw new EngineError('NOT_FOUND', 'There is no such artifact that you may see.')

    const headers = new Headers({
      ...DOWNLOAD_ONLY,
      'content-type': MEDIA_TYPE.test(artifact.contentType) ? artifact.contentType : 'application/octet-stream',
      // Control characters and invisible ones become "_". Old clients get a name of printable ASCII.
      'content-disposition': contentDisposition(artifact.name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '_'), {
        fallback: artifact.name.replace(/[^\x20-\x7e]/g, '_'),
      }),
      'accept-ranges': 'bytes',
      // The key differs for each file of each attempt, so it is an ETag for exactly these bytes.
      etag: `"${artifact.storageKey.split('/').at(-1)}"`,
    })
    // A range is defined for GET alone (RFC 9110, 14.2).
    const part =
      request.method === 'GET' ? requestedPart(request.headers, artifact.size, headers.get('etag')) : undefined
    if (part === 'unsatisfiable') {
      headers.set('content-range', `bytes */${artifact.size}`)
      // This answer has no file to save under a name.
      headers.delete('content-disposition')
      return new Response(null, { status: 416, headers })
    }
    const { start, end } = part ?? { start: 0, end: artifact.size - 1 }
    headers.set('content-length', String(end - start + 1))
    if (part) headers.set('content-range', `bytes ${start}-${end}/${artifact.size}`)
    const bare = request.method === 'HEAD' || artifact.size === 0
    const body = bare ? null : await storage.openArtifact(artifact.storageKey, part ?? undefined)
    return new Response(body && toWeb(body, request.signal), { status: part ? 206 : 200, headers })
  } catch (error) {
    return errorResponse(error, { 'x-content-type-options': 'nosniff' })
  }
}

/**
 * The requested range. Undefined means the whole file. That is also sent if the caller asks for several ranges, or for a
 * range of an older version (If-Range).
 */
function requestedPart(
  headers: Headers,
  size: number,
  etag: string | null,
): { start: number; end: number } | 'unsatisfiable' | undefined {
  const range = headers.get('range')
  const ifRange = headers.get('if-range')
  if (!range || (ifRange !== null && ifRange !== etag)) return undefined
  const parts = parseRange(size, range)
  // -1: no byte of the file is in the range. -2: the header cannot be read.
  if (parts === -1) return 'unsatisfiable'
  if (parts === -2 || parts.type !== 'bytes' || parts.length !== 1) return undefined
  return parts[0]
}

/** Turns a file into a web stream, and closes the file when the reader leaves. */
function toWeb(body: Readable, signal: AbortSignal): ReadableStream<Uint8Array> {
  // The caller may have left while the file was opened. Then nobody reads or closes it.
  if (signal.aborted) body.destroy()
  else signal.addEventListener('abort', () => body.destroy(), { once: true })
  return Readable.toWeb(body) as ReadableStream<Uint8Array>
}
