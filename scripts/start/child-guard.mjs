// Loaded into the web process before Next.js (node --import). Next.js waits at SIGTERM until every
// connection has closed, but a browser's event stream never closes by itself; and nobody would stop
// the process if its supervisor were killed.
import { subscribe } from 'node:diagnostics_channel'

const graceMs = 5000

/** @type {Set<import('node:http').ServerResponse>} */
const open = new Set()
let stopping = false

subscribe('http.server.request.start', (message) => {
  const { response } = /** @type {{ response: import('node:http').ServerResponse }} */ (message)
  open.add(response)
  if (stopping) response.setHeader('connection', 'close')
  response.once('close', () => open.delete(response))
})

function stop() {
  if (stopping) return
  stopping = true
  const end = () => {
    for (const response of open) {
      if (String(response.getHeader('content-type') ?? '').startsWith('text/event-stream')) response.destroy()
    }
  }
  end()
  setInterval(end, 250).unref()
  setTimeout(() => process.exit(0), graceMs).unref()
}

process.on('SIGTERM', stop)
process.on('SIGINT', stop)
if (process.channel) {
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))
  // Listening keeps the channel, and with it the process, alive; the server alone should decide that.
  process.channel.unref()
}
