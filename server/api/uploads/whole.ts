import { Readable } from 'node:stream'
import { discardUpload, extendUpload } from '@/server/engine'
import { requireOrganization } from '../authorize'
import { chunksOf } from '../body'
import { checkSize, countOf, fileNameOf, fileTypeOf, invalidField, organizationOf, tooLarge } from './headers'
import { beginUploadAsCaller, type UploadCall } from './upload-call'

/**
 * Takes a file that is the body of one request, straight into storage. It is there wholly or not at all. A body that
 * nobody wants is not read: whoever it is from, its type and its announced length are checked before.
 */
export async function takeWhole(call: UploadCall): Promise<Response> {
  const { request, url, principal, services, store, maxBytes } = call
  const organizationId = organizationOf(url)
  const contentType = fileTypeOf(request.headers)
  const name = fileNameOf(url.searchParams.get('name'))
  // `beginUploadAsCaller` checks this once more. Here it keeps whoever may not upload from waiting for a turn.
  await requireOrganization(call, organizationId, 'jobs.submit')
  const size = countOf(request.headers, 'content-length')
  if (size !== null) checkSize(size, maxBytes)
  const end = await services.uploadTurns.take(principal.id)
  try {
    const uploadId = await beginUploadAsCaller(call, organizationId, { name, contentType, size })
    try {
      const segment = await store.write(
        { organizationId, uploadId },
        Readable.from(chunksUpTo(request, maxBytes), BYTES),
      )
      if (segment.size === 0) throw invalidField('body', 'must not be empty')
      const upload = await extendUpload(services.db, { uploadId, offset: 0, segment, isLast: true })
      if (!upload) throw new Error('An upload is gone that was only just begun')
      return Response.json(
        { uploadId, size: upload.received },
        { status: 201, headers: { location: `/api/uploads/${uploadId}`, 'cache-control': 'no-store' } },
      )
    } catch (error) {
      await discardUpload(services.db, uploadId).catch(() => undefined)
      throw error
    }
  } finally {
    end()
  }
}

/** Without this, `Readable.from` makes a stream of objects and counts its buffer in pieces, not in bytes. */
const BYTES = { objectMode: false } as const

/**
 * The pieces of a body. Its length may not have been announced, so it is counted.
 *
 * @throws EngineError TOO_LARGE at the first piece beyond `maxBytes`
 */
async function* chunksUpTo(request: Request, maxBytes: number): AsyncGenerator<Uint8Array> {
  let size = 0
  for await (const chunk of chunksOf(request)) {
    size += chunk.byteLength
    if (size > maxBytes) throw tooLarge(maxBytes)
    yield chunk
  }
}
