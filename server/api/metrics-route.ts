import { EngineError } from '@/server/engine'
import { getEnv } from '@/server/env'
import { metricsRight } from '@/server/telemetry/metrics/metrics-right'
import { InstallationMetrics } from '@/server/telemetry/metrics/installation'
import { registry } from '@/server/telemetry/metrics/registry'
import { errorResponse } from './errors'
import { refuseMethod } from './read-only'
import { getServices } from './services'

let installation: InstallationMetrics | undefined

/** Answers Prometheus, and autoscalers that read its format (rule 4.41). Whoever has no token gets nothing. */
export async function answerMetrics(request: Request): Promise<Response> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuseMethod()
  const right = metricsRight(getEnv().METRICS_TOKEN, request.headers.get('authorization'))
  if (right === 'hidden')
    return errorResponse(new EngineError('NOT_FOUND', 'There are no metrics here: METRICS_TOKEN is not set.'))
  if (right === 'refused')
    return errorResponse(
      new EngineError('UNAUTHENTICATED', 'Send Authorization: Bearer with the METRICS_TOKEN of this installation.'),
      { 'www-authenticate': 'Bearer' },
    )
  installation ??= new InstallationMetrics(getServices().db)
  await installation.refresh()
  return new Response(await registry.metrics(), {
    headers: { 'content-type': registry.contentType, 'cache-control': 'no-store' },
  })
}
