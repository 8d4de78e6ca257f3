import { Readable } from 'node:stream'
import { roleIn } from '@/server/auth/principal'
import { requirePermission } from '@/server/auth/access'
import { discardUpload, EngineError, extendUpload, findUpload, notVisible, type UploadView } from '@/server/engine'
import { MAX_SEGMENTS } from '@/server/engine/domain/limits'
import { isUuid } from '@/server/engine/domain/uuid'
import {
  checkSize,
  countOf,
  fileNameOf,
  invalidField,
  metadataOf,
  organizationOf,
  requirePiece,
  typeOrBytes,
} from './headers'
import { pastTheEnd, Piece } from './piece'
import { beginUploadAsCaller, conflict, type UploadCall } from './upload-call'

// Uploads in pieces, over connections that may break: the core of the tus protocol 1.0.0 with `creation` and
// `termination` (https://tus.io/protocols/resumable-upload), so that its clients work here, too. A piece that breaks
// off is kept as far as it came.

/** Begins an upload of an announced length. Its bytes come by PATCH. */
export async function beginResumable(call: UploadCall): Promise<Response> {
  const { request, url, maxBytes } = call
  const organizationId = organizationOf(url)
  const size = countOf(request.headers, 'upload-length')!
  const metadata = metadataOf(request.headers)
  const name = fileNameOf(metadata.get('filename') ?? url.searchParams.get('name'))
  checkSize(size, maxBytes)
  const contentType = typeOrBytes(metadata.get('filetype'))
  const uploadId = await beginUploadAsCaller(call, organizationId, { name, contentType, size })
  return Response.json(
    { uploadId, size },
    { status: 201, headers: { ...progressHeaders(0, size), location: `/api/uploads/${uploadId}` } },
  )
}

/** Says how much of an upload is here. */
export async function tellUpload(call: UploadCall): Promise<Response> {
  const { id, name, contentType, size, received, complete } = await requireUpload(call)
  const headers = progressHeaders(received, size)
  return call.request.method === 'HEAD'
    ? new Response(null, { headers })
    : Response.json({ uploadId: id, name, contentType, size, received, complete }, { headers })
}

/** Takes the next piece of an upload. */
export async function extendResumable(call: UploadCall): Promise<Response> {
  const { request, principal, services, store } = call
  const offset = countOf(request.headers, 'upload-offset')
  if (offset === null) throw invalidField('upload-offset', 'must say where this piece begins')
  requirePiece(request.headers)
  await requireUpload(call)
  const end = await services.uploadTurns.take(principal.id)
  try {
    // It may have grown while this piece waited for its turn.
    const upload = await requireUpload(call)
    const left = expected(upload, offset)
    if ((countOf(request.headers, 'content-length') ?? 0) > left) throw pastTheEnd(left)
    const place = { organizationId: upload.organizationId, uploadId: upload.id }
    const source = new Piece(request, left)
    const segment = await store.write(place, Readable.from(source.bytes(), { objectMode: false }))
    const grown = segment.size > 0 ? await extendUpload(services.db, { uploadId: upload.id, offset, segment }) : upload
    if (!grown) {
      await store.removeSegment(place, segment.id)
      throw refusalOf(await requireUpload(call))
    }
    if (segment.size === 0) await store.removeSegment(place, segment.id)
    // A sender that was too slow is told so, and from where to go on. One whose connection broke hears nothing anyway.
    if (source.cut instanceof EngineError) throw Object.assign(source.cut, { uploadOffset: grown.received })
    return new Response(null, { status: 204, headers: progressHeaders(grown.received, grown.size) })
  } finally {
    end()
  }
}

/** Gives up an upload that is not whole yet. */
export async function endResumable(call: UploadCall): Promise<Response> {
  const upload = await requireUpload(call)
  if (upload.complete)
    throw conflict(
      'This upload is whole, and jobs may need it. It goes by itself, a day after it was last needed.',
      upload.received,
    )
  await discardUpload(call.services.db, upload.id)
  return new Response(null, { status: 204, headers: { 'tus-resumable': '1.0.0' } })
}

/** The upload of the address. @throws EngineError NOT_FOUND, NOT_PERMITTED */
async function requireUpload({ services, principal, scope, uploadId }: UploadCall): Promise<UploadView> {
  const upload = isUuid(uploadId) ? await findUpload(services.db, uploadId, scope) : null
  const role = upload && roleIn(principal, upload.organizationId)
  if (!role) throw notVisible('upload', uploadId.slice(0, 100))
  requirePermission(role, 'jobs.submit')
  return upload
}

/** How many bytes are still to come. @throws EngineError where a piece from `offset` on is not what comes next */
function expected(upload: UploadView, offset: number): number {
  if (upload.complete || upload.size === null || upload.received !== offset) throw refusalOf(upload)
  return upload.size - upload.received
}

function refusalOf({ complete, size, received, segments }: UploadView): EngineError {
  if (segments.length >= MAX_SEGMENTS)
    return invalidField(
      'body',
      `must come in at most ${MAX_SEGMENTS.toLocaleString('en')} pieces: begin again with larger ones`,
    )
  if (complete || size === null) return conflict('This upload is whole already.', received)
  return conflict(`This upload has ${received} bytes: go on from there.`, received)
}

const progressHeaders = (received: number, size: number | null) => ({
  'tus-resumable': '1.0.0',
  'upload-offset': String(received),
  ...(size !== null && { 'upload-length': String(size) }),
  'cache-control': 'no-store',
})
