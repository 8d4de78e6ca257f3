import { EngineError } from '@/server/engine'
import { getEnv } from '@/server/env'
import { openArtifactStore, storageSettings, type ArtifactStore } from '@/server/storage'
import { sendArtifact } from './artifact'
import { errorResponse } from './errors'
import { logFailedAnswer } from './failed-answers'
import { refuseMethod } from './read-only'
import { getServices } from './services'

let storage: ArtifactStore | undefined

/** Answers a request for an artifact, or refuses it, for any caller and any method. */
export async function answerArtifact(request: Request): Promise<Response> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuseMethod()
  const target = artifactAt(new URL(request.url).pathname)
  if (!target) return errorResponse(new EngineError('NOT_FOUND', 'There is no such artifact that you may see.'))
  storage ??= openArtifactStore(storageSettings(getEnv()))
  const services = getServices()
  const since = performance.now()
  const response = await sendArtifact(request, target, { services, storage })
  logFailedAnswer(request, response, services.logger, since)
  return response
}

/** The job and the file name in an address. Null if it is not the address of an artifact. */
export function artifactAt(pathname: string): { jobId: string; name: string } | null {
  const [, jobId, name] = /^\/api\/artifacts\/([^/]+)\/([^/]+)$/.exec(pathname) ?? []
  try {
    return jobId && name ? { jobId: decodeURIComponent(jobId), name: decodeURIComponent(name) } : null
  } catch {
    return null
  }
}
