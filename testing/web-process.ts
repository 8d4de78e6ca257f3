import { createServer } from 'node:http'
import { createLogger } from '@/server/logger'
import { countProcess } from '@/server/telemetry/metrics/process'
import { startTracing, tracing } from '@/server/telemetry/tracing/tracing'
import { followRequest } from '@/server/web/answer-log'
import { createDirectListener } from '@/server/web/direct-api'
import { listen } from './api-server'

// Tests start this as a process of its own: a web process that answers the API as in production, without the dashboard.

await startTracing('jobyard-web')
countProcess(() => true) // PostgreSQL is said to be up
const direct = createDirectListener()
const server = createServer((request, response) => {
  followRequest(request, response, createLogger('web'))
  direct(request, response)
})
process.stdout.write(`${await listen(server)}\n`)
process.on('SIGTERM', () => {
  server.closeAllConnections()
  void Promise.resolve(tracing()?.stop()).then(() => process.exit(0))
})
