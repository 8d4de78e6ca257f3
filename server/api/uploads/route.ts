import { getEnv } from '@/server/env'
import { authenticate } from '@/server/auth/authenticate'
import { scopeOf } from '@/server/auth/principal'
import { EngineError } from '@/server/engine'
import { openUploadStore, storageSettings } from '@/server/storage'
import { errorResponse } from '../errors'
import { logFailedAnswer } from '../failed-answers'
import { refuseForeignOrigin } from '../origin'
import { getServices } from '../services'
import { beginResumable, endResumable, extendResumable, tellUpload } from './resumable'
import type { UploadCall, UploadDesk } from './upload-call'
import { takeWhole } from './whole'

let desk: UploadDesk | undefined

/** Answers a request for an upload or refuses it, whoever asks and by whatever method. */
export async function answerUpload(request: Request): Promise<Response> {
  const env = getEnv()
  desk ??= { services: getServices(), store: openUploadStore(storageSettings(env)), maxBytes: env.MAX_UPLOAD_BYTES }
  return takeUpload(request, desk)
}

/** The same, with the given services and storage. */
export async function takeUpload(request: Request, desk: UploadDesk): Promise<Response> {
  const since = performance.now()
  const response = await takenUpload(request, desk)
  logFailedAnswer(request, response, desk.services.logger, since)
  return response
}

async function takenUpload(request: Request, desk: UploadDesk): Promise<Response> {
  const url = new URL(request.url)
  const [, uploadId] = /^\/api\/uploads(?:\/([^/]+))?$/.exec(url.pathname) ?? []
  const methods = uploadId === undefined ? AT_ALL : AT_ONE
  const answer = Object.hasOwn(methods, request.method) ? methods[request.method] : undefined
  const headers = { 'x-content-type-options': 'nosniff', 'tus-resumable': '1.0.0' }
  try {
    if (!answer) {
      const allow = Object.keys(methods).join(', ')
      return errorResponse(new EngineError('METHOD_NOT_SUPPORTED', `This address is called with ${allow}.`), {
        ...headers,
        allow,
      })
    }
    const principal = await authenticate(request.headers, desk.services.db)
    await desk.services.callLimits.take(principal)
    if (request.method !== 'GET' && request.method !== 'HEAD') refuseForeignOrigin(principal, request.headers)
    const call: UploadCall = {
      ...desk,
      request,
      url,
      principal,
      scope: scopeOf(principal),
      uploadId: uploadId?.toLowerCase() ?? '',
    }
    return await answer(call)
  } catch (error) {
    const offset = (error as { uploadOffset?: number }).uploadOffset
    return errorResponse(error, { ...headers, ...(offset !== undefined && { 'upload-offset': String(offset) }) })
  }
}

type Methods = Readonly<Record<string, (call: UploadCall) => Promise<Response>>>

/** The methods of /api/uploads. */
const AT_ALL: Methods = {
  // A request that announces a length brings no bytes yet: it begins an upload that comes in pieces.
  POST: (call) => (call.request.headers.has('upload-length') ? beginResumable(call) : takeWhole(call)),
}
/** The methods of /api/uploads/<id>. */
const AT_ONE: Methods = { GET: tellUpload, HEAD: tellUpload, PATCH: extendResumable, DELETE: endResumable }
