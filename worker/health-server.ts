import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { readiness } from '@/server/deployment/readiness'
import type { Db } from '@/server/engine'
import type { Logger } from '@/server/logger'
import { logEvent } from '@/server/telemetry/log-events'
import { metricsRight } from '@/server/telemetry/metrics/metrics-right'
import { registry } from '@/server/telemetry/metrics/registry'

// The small HTTP server of a worker process, for health checks and metrics.

export interface HealthServerOptions {
  port: number
  db: Db
  /** `starting` until the worker takes jobs, `draining` once it was told to stop. */
  phase: () => 'starting' | 'running' | 'draining'
  metricsToken: string | undefined
  logger: Logger
}

/**
 * Answers health checks and Prometheus on a port of the worker's own (rule 4.41): `/live`, `/ready` and `/metrics`. The
 * addresses of web processes work, too, so that one probe fits both: `/api/health/live`, `/api/health/ready` and
 * `/api/metrics`.
 */
export function startHealthServer(options: HealthServerOptions): Server {
  const { port, logger } = options
  const server = createServer((request, response) => {
    answer(request, options)
      .catch((error: unknown): Answer => {
        logger.error(
          logEvent('answer-failed', { path: request.url, status: 500, err: error }),
          'a probe could not be answered',
        )
        return json(500, { status: 'error' })
      })
      .then((reply) => send(request, response, reply))
      .catch(() => response.destroy())
  })
  server.on('error', (error) => {
    process.stderr.write(`The worker cannot listen on HEALTH_PORT ${port}: ${error.message}\n`)
    process.exit(1)
  })
  // Probes must not keep a worker alive that has nothing else to do.
  server.listen(port, () => logger.info(logEvent('listening', { port }), 'listening for probes')).unref()
  return server
}

interface Answer {
  status: number
  type: string
  body: string
  headers?: Record<string, string>
}

const json = (status: number, body: object, headers?: Record<string, string>): Answer => ({
  status,
  type: 'application/json',
  body: JSON.stringify(body),
  headers,
})

async function answer(
  { method, url = '', headers }: IncomingMessage,
  { db, phase, metricsToken }: HealthServerOptions,
): Promise<Answer> {
  if (method !== 'GET' && method !== 'HEAD')
    return json(405, { error: 'This address is only read: call it with GET or HEAD.' }, { allow: 'GET, HEAD' })
  switch (url.replace(/\?.*$/s, '').replace(/^\/api(?:\/health)?(?=\/)/, '')) {
    case '/live':
      return json(200, { status: 'ok' })
    case '/ready': {
      const now = phase()
      const found = await readiness(db)
      return json(found.status === 'down' || now !== 'running' ? 503 : 200, { ...found, worker: now })
    }
    case '/metrics': {
      const right = metricsRight(metricsToken, headers.authorization)
      if (right === 'granted') return { status: 200, type: registry.contentType, body: await registry.metrics() }
      if (right === 'refused')
        return json(
          401,
          { error: 'Send Authorization: Bearer with the METRICS_TOKEN of this installation.' },
          { 'www-authenticate': 'Bearer' },
        )
      return json(404, { error: 'There are no metrics here: METRICS_TOKEN is not set.' })
    }
    default:
      return json(404, { error: 'There is nothing at this address. Ask for /live, /ready or /metrics.' })
  }
}

function send({ method }: IncomingMessage, response: ServerResponse, { status, type, body, headers }: Answer): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    ...headers,
  })
  response.end(method === 'HEAD' ? undefined : body)
}
