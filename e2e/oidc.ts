import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { freePort } from '../launcher/ports.mjs'
import { startBuiltWebProcess } from '../testing/built-web-process'
import { end, startNode, untilAnswering } from '../testing/started-process'
import { clone, databaseUrl, nextAuthSecret } from './instance'

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
  /** From now on the provider takes connections and answers nothing. */
  silence(): void
  /** The provider answers again, also what it was asked in the meantime. */
  endSilence(): void
  stop(): Promise<void>
}

export async function startOidcWorld(): Promise<OidcWorld> {
  const [providerPort, webPort] = [await freePort(), await freePort()]
  const issuer = `http://127.0.0.1:${providerPort}`
  const [clientId, clientSecret] = ['jobyard-journeys', randomBytes(24).toString('base64url')]
  const provider = startNode(
    [
      fileURLToPath(new URL('oidc-provider.mjs', import.meta.url)),
      String(providerPort),
      clientId,
      clientSecret,
      `http://localhost:${webPort}/api/auth/callback/oidc`,
    ],
    // The types of Next.js want a NODE_ENV in every environment. The provider needs none.
    { cwd: clone, env: { PATH: process.env.PATH } as unknown as NodeJS.ProcessEnv },
  )
  try {
    await untilAnswering(`${issuer}/.well-known/openid-configuration`, provider)
    const web = await startBuiltWebProcess({
      clone,
      databaseUrl,
      secret: nextAuthSecret(),
      port: webPort,
      env: {
        // Another host than the provider's, so that neither gets the other's cookies.
        HOST: 'localhost',
        OIDC_ISSUER: issuer,
        OIDC_CLIENT_ID: clientId,
        OIDC_CLIENT_SECRET: clientSecret,
        OIDC_NAME: 'Acme Login',
      },
    })
    return {
      url: web.url,
      issuer,
      async stop() {
        await Promise.all([end(provider, 'SIGKILL'), web.stop()])
      },
      silence: () => void provider.child.kill('SIGSTOP'),
      endSilence: () => void provider.child.kill('SIGCONT'),
      async setPerson(name, person) {
        await fetch(`${issuer}/people/${name}`, { method: 'PUT', body: JSON.stringify(person) })
      },
    }
  } catch (error) {
    await end(provider, 'SIGKILL')
    throw error
  }
}
