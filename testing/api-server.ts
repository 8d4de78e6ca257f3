import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { pino } from 'pino'
import { handleTrpc } from '@/server/api/http'
import { createServices, type Services } from '@/server/api/services'
import { setTestEnvironment } from './api-world'

export interface ApiServer {
  services: Services
  /** An address such as http://127.0.0.1:40123, without a path. */
  url: string
  close(): Promise<void>
}

/** Serves the procedures of the API on a real port, for callers in other processes. */
export async function startApiServer(databaseUrl: string): Promise<ApiServer> {
  setTestEnvironment(databaseUrl)
  const services = createServices(databaseUrl, pino({ level: 'silent' }))
  const api = createServer((request, response) => {
    const url = new URL(request.url ?? '/', `http://${request.headers.host}`)
    const body = request.method === 'POST' ? Readable.toWeb(request) : undefined
    const init = {
      method: request.method,
      headers: Object.entries(request.headers) as [string, string][],
      body,
      duplex: 'half',
    }
    void handleTrpc(new Request(url, init as RequestInit), services).then(async (answer) => {
      response.writeHead(answer.status, Object.fromEntries(answer.headers))
      if (!answer.body) return void response.end()
      await pipeline(Readable.fromWeb(answer.body as Parameters<typeof Readable.fromWeb>[0]), response)
    })
  })
  return {
    services,
    url: await listen(api),
    async close() {
      api.close()
      api.closeAllConnections()
      await services.db.$disconnect()
    },
  }
}

/** Lets a server listen on any free port of this machine. Returns its address. */
export async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
