import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../launcher/ports.mjs'
import { nextAuthSecret } from './web-process'

/** A person as the provider knows them. */
export interface Person {
  sub: string
  email: string
  email_verified: boolean
  name: string
}

/** A provider, and a web process that signs people in with it. They use the database of the instance under test. */
export interface OidcWorld {
  url: string
  issuer: string
  /** Creates or changes the person that the provider knows by this name. */
  setPerson(name: string, person: Person): Promise<void>
  stop(): Promise<void>
}

export async function startOidcWorld(): Promise<OidcWorld> {
  const runFile = process.env.E2E_RUN_FILE!
  // run.json lies in the folder .local/ of the clone that was built.
  const clone = path.dirname(path.dirname(runFile))
  const { databaseUrl } = JSON.parse(readFileSync(runFile, 'utf8')) as { databaseUrl: string }
  const [providerPort, webPort] = [await freePort(), await freePort()]
  const url = `http://localhost:${webPort}`
  const issuer = `http://127.0.0.1:${providerPort}`
  const [clientId, clientSecret] = ['jobyard-journeys', randomBytes(24).toString('base64url')]
  const processes = [
    start(
      [
        fileURLToPath(new URL('oidc-provider.mjs', import.meta.url)),
        String(providerPort),
        clientId,
        clientSecret,
        `${url}/api/auth/callback/oidc`,
      ],
      clone,
    ),
    start([path.join(clone, 'dist/web.mjs')], clone, {
      NODE_ENV: 'production',
      PORT: String(webPort),
      DATABASE_URL: databaseUrl,
      NEXTAUTH_URL: url,
      // Another secret would be refused, because the process of the instance has this one.
      NEXTAUTH_SECRET: nextAuthSecret,
      OIDC_ISSUER: issuer,
      OIDC_CLIENT_ID: clientId,
      OIDC_CLIENT_SECRET: clientSecret,
      OIDC_NAME: 'Acme Login',
      LOG_LEVEL: 'warn',
    }),
  ]
  const stop = async () => {
    // These processes have nothing to clean up, and Next.js would wait for every open page. So they are killed.
    await Promise.all(processes.map(({ child, ended }) => (child.kill('SIGKILL'), ended)))
  }
  try {
    await Promise.all([
      answers(`${issuer}/.well-known/openid-configuration`, processes[0]!),
      answers(`${url}/api/health/live`, processes[1]!),
    ])
  } catch (error) {
    await stop()
    throw error
  }
  return {
    url,
    issuer,
    stop,
    async setPerson(name, person) {
      await fetch(`${issuer}/people/${name}`, { method: 'PUT', body: JSON.stringify(person) })
    },
  }
}

interface Running {
  child: ChildProcess
  ended: Promise<void>
  output: () => string
}

function start(args: string[], cwd: string, env: Record<string, string> = {}): Running {
  const child = spawn(process.execPath, args, {
    cwd,
    env: { PATH: process.env.PATH, ...env } as unknown as NodeJS.ProcessEnv,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => (output += String(text)))
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })
  return { child, ended, output: () => output }
}

async function answers(address: string, { child, output }: Running): Promise<void> {
  const deadline = Date.now() + 60_000
  for (;;) {
    const ok = await fetch(address).then(
      (response) => response.ok,
      () => false,
    )
    if (ok) return
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`${address} does not answer:\n${output()}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
