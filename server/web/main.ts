// The web process in production: Next.js serves the dashboard; procedures and artifacts are answered beside it.
import { createServer, type Server } from 'node:http'
import next from 'next'
import { getServices } from '@/server/api/services'
import { getEnv, orExit } from '@/server/env'
import { createDirectListener, isDirect } from './direct-api'
import { answerAtDoor, refuseTunnels } from './front-door'
import { answerUnreadable, MAX_HEADER_BYTES } from './unreadable'

const GRACE_MS = 5_000

const { PORT: port, HOST: hostname } = orExit(getEnv)
const dashboard = next({ dev: false, hostname, port })
await dashboard.prepare()
const answerPage = dashboard.getRequestHandler()
const answerDirectly = createDirectListener()

const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES }, (request, response) => {
  if (answerAtDoor(request, response)) return
  if (isDirect(request)) return void answerDirectly(request, response)
  answerPage(request, response).catch((error: unknown) => {
    getServices().logger.error({ err: error }, 'a page could not be sent')
    response.destroy()
  })
})
answerUnreadable(server)
refuseTunnels(server)
server.on('error', (error) => {
  process.stderr.write(`The web server cannot listen on port ${port}: ${error.message}\n`)
  process.exit(1)
})
server.listen(port, hostname)

let stopping = false
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop(server))
if (process.channel) {
  // Nobody would stop this process if its supervisor were killed.
  process.once('disconnect', () => stop(server))
  // Listening keeps the channel, and with it the process, alive; the server alone should decide that.
  process.channel.unref()
}

/** Answers what was asked, and takes nothing new. Streams, which never end by themselves, are ended. */
function stop(listening: Server): void {
  if (stopping) return
  stopping = true
  listening.close(() => process.exit(0))
  void getServices().endStreams()
  setInterval(() => listening.closeIdleConnections(), 100).unref()
  setTimeout(() => process.exit(0), GRACE_MS).unref()
}
