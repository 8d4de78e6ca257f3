import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { pino } from 'pino'
import { inRoot } from '@/launcher/paths.mjs'
import { handleTrpc } from '@/server/api/http'
import { setTestEnvironment } from '@/server/api/http.fixture'
import { createServices, type Services } from '@/server/api/services'
import { secretOf } from './handlers/http/signature'

const SECRET = 'a-secret-for-tests-of-services-outside-0123456789'

export interface Outside {
  services: Services
  /** The service of docs/http-request.md, in a process of its own. */
  serviceUrl: string
  /** Lines that it printed. */
  said: string[]
  /** Answers every request with the path asked for. */
  echoUrl: string
  /** What a worker has to know of all this. */
  workerEnv: Record<string, string>
  close(): Promise<void>
}

/** What there is beside workers: the API behind a real port, and services that carry out jobs. */
export async function createOutside(databaseUrl: string, folder: string): Promise<Outside> {
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
  const apiUrl = await listen(api)
  const echo = createServer(
    (request, response) =>
      void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ path: request.url })),
  )
  const echoUrl = await listen(echo)

  const serviceUrl = await freeAddress()
  const said: string[] = []
  const service = await startService(folder, serviceUrl, said)
  return {
    services,
    serviceUrl,
    said,
    echoUrl,
    workerEnv: { NEXTAUTH_URL: apiUrl, HTTP_REQUEST_SECRET: SECRET, HTTP_REQUEST_ALLOW: '127.0.0.1' },
    async close() {
      service.kill('SIGKILL')
      for (const server of [api, echo]) {
        server.close()
        server.closeAllConnections()
      }
      await services.db.$disconnect()
    },
  }
}

/** Runs what a reader of the documentation would copy, word for word. */
async function startService(folder: string, url: string, said: string[]): Promise<ChildProcess> {
  const [, code] = /```js\n([\s\S]*?)```/.exec(await readFile(inRoot('docs/http-request.md'), 'utf8')) ?? []
  if (!code) throw new Error('docs/http-request.md holds no service')
  const file = path.join(folder, 'service.mjs')
  await writeFile(file, code)
  const service = spawn(process.execPath, [file], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PORT: new URL(url).port, JOBYARD_SECRET: secretOf(SECRET, url) },
  })
  service.stdout.setEncoding('utf8').on('data', (text: string) => said.push(...text.trim().split('\n')))
  await once(service.stdout, 'data')
  return service
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Which port it will be must be known before, as the service's secret is made for it. */
async function freeAddress(): Promise<string> {
  const probe = createServer()
  const url = await listen(probe)
  probe.close()
  await once(probe, 'close')
  return url
}
