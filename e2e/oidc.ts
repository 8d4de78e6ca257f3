import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../launcher/ports.mjs'
import { clone, databaseUrl, nextAuthSecret } from './instance'
import { end, startNode, untilAnswering } from './started-process'

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
  const [providerPort, webPort] = [await freePort(), await freePort()]
  const url = `http://localhost:${webPort}`
  const issuer = `http://127.0.0.1:${providerPort}`
  const [clientId, clientSecret] = ['jobyard-journeys', randomBytes(24).toString('base64url')]
  const start = (args: string[], env: Record<string, string> = {}) =>
    startNode(args, { cwd: clone, env: { PATH: process.env.PATH, ...env } as unknown as NodeJS.ProcessEnv })
  const [provider, web] = [
    start([
      fileURLToPath(new URL('oidc-provider.mjs', import.meta.url)),
      String(providerPort),
      clientId,
      clientSecret,
      `${url}/api/auth/callback/oidc`,
    ]),
    start([path.join(clone, 'dist/web.mjs')], {
      NODE_ENV: 'production',
      PORT: String(webPort),
      DATABASE_URL: databaseUrl,
      NEXTAUTH_URL: url,
      NEXTAUTH_SECRET: nextAuthSecret(),
      OIDC_ISSUER: issuer,
      OIDC_CLIENT_ID: clientId,
      OIDC_CLIENT_SECRET: clientSecret,
      OIDC_NAME: 'Acme Login',
      LOG_LEVEL: 'warn',
    }),
  ] as const
  const stop = async () => {
    // These processes have nothing to clean up, and Next.js would wait for every open page. So they are killed.
    await Promise.all([end(provider, 'SIGKILL'), end(web, 'SIGKILL')])
  }
  try {
    await Promise.all([
      untilAnswering(`${issuer}/.well-known/openid-configuration`, provider),
      untilAnswering(`${url}/api/health/live`, web),
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
