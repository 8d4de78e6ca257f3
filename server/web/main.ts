// The web process in production. Next.js serves the dashboard. Calls of the API are answered beside it (direct-api.ts).
import '@/server/private-files.mjs'
import { createServer, Server } from 'node:http'
import next from 'next'
import { getServices } from '@/server/api/services'
import { holdSecrets } from '@/server/deployment/shared-secrets'
import { checkBeforeStart, needsOfWeb } from '@/server/deployment/needs'
import { loadEnvFile } from '@/server/deployment/env-file.mjs'
import { getEnv, orExit } from '@/server/env'
import { addressesOf, isAbsent } from '@/server/listening.mjs'
import { createLogger } from '@/server/logger'
import { storageSettings } from '@/server/storage'
import { requireStorage } from '@/server/storage/usable'
import { answerSupervisor, tellReady } from '@/server/supervised'
import { DatabaseWatch } from '@/server/telemetry/database-watch'
import { logDeadLetters } from '@/server/telemetry/dead-letter-log'
import { logEvent } from '@/server/telemetry/log-events'
import { countProcess } from '@/server/telemetry/metrics/process'
import { startTracing, tracing } from '@/server/telemetry/tracing/tracing'
import { writeOnlyJson } from '@/server/telemetry/only-json'
import { followRequest } from './answer-log'
import { createDirectListener, isDirect } from './direct-api'
import { discardRest } from './discard-rest'
import { withGatheredChunks } from './gather-chunks'
import { oneRequestAtATime } from './pipelining'
import { answerAtDoor, refuseExpectations, refuseTunnels, SERVER_OPTIONS } from './front-door'
import { answerUnreadable, MAX_HEADER_BYTES } from './unreadable'

/** How long calls that have come in may take after SIGTERM. */
const GRACE_MS = 5_000
/**
 * How long a connection may stay open between two calls. Load balancers keep theirs for 60 s as a rule. One that is
 * closed here first is reset under the call that the balancer, or a service, just sends over it. Node.js says 5 s.
 */
const KEEP_ALIVE_MS = 75_000
/**
 * How long one request may take to come. A gigabyte takes that over 2.4 Mbit/s. Bodies that come too slowly are cut
 * long before (server/api/body.ts), and headers have a minute. Node.js says 5 min.
 */
const REQUEST_MS = 3_600_000

loadEnvFile()
const env = orExit(getEnv)
const { PORT: port, HOST: hostname, NEXTAUTH_SECRET } = env
const logger = createLogger('web', env.LOG_LEVEL)
writeOnlyJson(logger)
await startTracing('jobyard-web')
await requireStorage(storageSettings(env))
await checkBeforeStart(needsOfWeb(env), logger)
/**
 * Next.js answers WebSockets on the server that it is given, or on the one that brings its first page. Once somebody
 * listens for them, Node.js hands over every request with an Upgrade header, and Next.js closes those without an
 * answer. HTTP clients such as Java's send that header with ordinary calls, to offer HTTP/2. Nothing here speaks
 * WebSocket, so Next.js gets a server that never listens, and such requests are answered like any other.
 */
const neverListens = new Server()
const dashboard = next({ dev: false, hostname, port, httpServer: neverListens })
await dashboard.prepare()
const answerPage = dashboard.getRequestHandler()
const answerDirectly = createDirectListener()

const servers = addressesOf(hostname).map((address) => {
  const server = createServer(
    { ...SERVER_OPTIONS, maxHeaderSize: MAX_HEADER_BYTES },
    withGatheredChunks(
      oneRequestAtATime((request, response) => {
        followRequest(request, response, logger)
        if (answerAtDoor(request, response)) return
        if (isDirect(request)) return void answerDirectly(request, response)
        response.once('finish', () => discardRest(request))
        answerPage(request, response).catch((error: unknown) => {
          logger.error({ requestId: request.headers['x-request-id'], err: error }, 'a page could not be sent')
          response.destroy()
        })
      }),
    ),
  )
  server.keepAliveTimeout = KEEP_ALIVE_MS
  server.requestTimeout = REQUEST_MS
  answerUnreadable(server)
  refuseTunnels(server)
  refuseExpectations(server)
  server.on('error', (error: NodeJS.ErrnoException) => {
    if (isAbsent(hostname, address, error.code)) return
    process.stderr.write(`The web server cannot listen on port ${port}: ${error.message}\n`)
    process.exit(1)
  })
  server.listen(port, address, () => {
    tellReady()
    logger.info(logEvent('listening', { port, host: address ?? 'all' }), 'listening')
  })
  return server
})

const { db } = getServices()
const secrets = holdSecrets(db, { NEXTAUTH_SECRET }, logger)
const database = new DatabaseWatch(db, logger)
database.start()
countProcess(() => database.isUp)
logDeadLetters(db, logger)

let stopping = false
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop(servers))
answerSupervisor(() => stop(servers))

/**
 * Answers the calls that have come in, and takes no new ones. Open streams are ended, because they never end by
 * themselves.
 */
function stop(listening: readonly Server[]): void {
  if (stopping) return
  stopping = true
  const closed = listening.map((server) => new Promise((resolve) => server.close(resolve)))
  void Promise.all([...closed, secrets.release()])
    .then(() => tracing()?.stop())
    .then(() => process.exit(0))
  void getServices().endStreams()
  // `close` ends only connections that are idle now. One that is kept alive becomes idle when its call has been answered.
  setInterval(() => listening.forEach((server) => server.closeIdleConnections()), 100).unref()
  setTimeout(() => process.exit(0), GRACE_MS).unref()
}
