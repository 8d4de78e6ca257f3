import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import path from 'node:path'
import { inRoot } from '@/launcher/paths.mjs'
import { listen, startApiServer, type ApiServer } from '@/testing/api-server'
import { secretOfOrigin } from './handlers/http/signature'

// The API and services beside the workers, for tests of jobs that a service outside carries out.

const SECRET = 'a-secret-for-tests-of-services-outside-0123456789'

export interface Outside {
  services: ApiServer['services']
  /** The service of docs/http-request.md, in a process of its own. */
  serviceUrl: string
  /** Lines that it printed. */
  printed: string[]
  /** Answers every request with the path asked for. */
  echoUrl: string
  /** What a worker has to know of all this. */
  workerEnv: Record<string, string>
  close(): Promise<void>
}

/** What there is beside workers: the API behind a real port, and services that carry out jobs. */
export async function createOutside(databaseUrl: string, folder: string): Promise<Outside> {
  const api = await startApiServer(databaseUrl)
  const echo = createServer(
    (request, response) =>
      void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ path: request.url })),
  )
  const echoUrl = await listen(echo)

  const serviceUrl = await freeAddress()
  const printed: string[] = []
  const service = await startService(folder, serviceUrl, printed)
  return {
    services: api.services,
    serviceUrl,
    printed,
    echoUrl,
    workerEnv: { NEXTAUTH_URL: api.url, HTTP_REQUEST_SECRET: SECRET, HTTP_REQUEST_ALLOW: '127.0.0.1' },
    async close() {
      service.kill('SIGKILL')
      echo.close()
      echo.closeAllConnections()
      await api.close()
    },
  }
}

/** Runs what a reader of the documentation would copy, word for word. */
async function startService(folder: string, url: string, printed: string[]): Promise<ChildProcess> {
  const [, code] = /```js\n([\s\S]*?)```/.exec(await readFile(inRoot('docs/http-request.md'), 'utf8')) ?? []
  if (!code) throw new Error('docs/http-request.md holds no service')
  const file = path.join(folder, 'service.mjs')
  await writeFile(file, code)
  const service = spawn(process.execPath, [file], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PORT: new URL(url).port, JOBYARD_SECRET: secretOfOrigin(SECRET, url) },
  })
  service.stdout.setEncoding('utf8').on('data', (text: string) => printed.push(...text.trim().split('\n')))
  await once(service.stdout, 'data')
  return service
}

/** Which port it will be must be known before, as the service's secret is made for it. */
async function freeAddress(): Promise<string> {
  const probe = createServer()
  const url = await listen(probe)
  probe.close()
  await once(probe, 'close')
  return url
}
