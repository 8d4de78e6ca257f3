import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createServer as createTlsServer, TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { postgresTls } from './postgres-tls.mjs'
import { probePostgres } from './probe-postgres.mjs'
import { probeRedis } from './probe-redis.mjs'
import { CERTIFICATE, KEY } from './self-signed.fixture.mjs'

const folder = mkdtempSync(path.join(tmpdir(), 'jobyard-tls-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('the TLS that the launcher uses for a DATABASE_URL', () => {
  const ConnectionParameters = createRequire(import.meta.url)('pg/lib/connection-parameters')
  const file = path.join(folder, 'ca')
  const modes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify', 'nonsense']
  const queries = [
    '',
    'ssl=true',
    'ssl=1',
    'ssl=0',
    'ssl=',
    'ssl=no-verify',
    'sslnegotiation=direct',
    'sslmode=',
    `sslrootcert=${file}`,
    'ssl=true&sslmode=disable',
    'sslmode=disable&sslmode=require',
    ...modes.flatMap((mode) =>
      ['', '&uselibpqcompat=true', '&uselibpqcompat=yes'].flatMap((compat) => [
        `sslmode=${mode}${compat}`,
        `sslmode=${mode}${compat}&sslrootcert=${file}`,
      ]),
    ),
  ]
  /** @param {any} ssl */
  const told = (ssl) =>
    ssl && { verifies: ssl.rejectUnauthorized !== false, asksForName: !ssl.checkServerIdentity, ca: ssl.ca }
  /** @param {() => unknown} read */
  const outcome = (read) => {
    try {
      return read()
    } catch {
      return 'refused'
    }
  }

  beforeAll(() => {
    writeFileSync(file, 'a certificate')
    vi.spyOn(process, 'emitWarning').mockReturnValue() // pg warns about some of these modes.
  })

  test.each(['', 'allow', 'prefer', 'verify-full', 'no-verify'])(
    'the launcher uses the same TLS as pg for every DATABASE_URL, with PGSSLMODE "%s"',
    (mode) => {
      vi.stubEnv('PGSSLMODE', mode)
      for (const query of queries) {
        const text = `postgresql://u:p@db.example/name?${query}`
        const theirs = outcome(() => told(new ConnectionParameters(text).ssl || null))
        expect([query, outcome(() => told(postgresTls(new URL(text))))]).toEqual([
          query,
          theirs === true ? told({}) : theirs,
        ])
      }
      vi.unstubAllEnvs()
    },
  )

  test('a DATABASE_URL whose TLS settings pg would fail on later is refused at the start', () => {
    expect(() => postgresTls(new URL('postgresql://db.example/name?ssl=false'))).toThrow(/ssl can be/)
    expect(() => postgresTls(new URL('postgresql://db.example/name?sslrootcert=/none/ca.pem'))).toThrow(
      /sslrootcert names \/none\/ca.pem.*ENOENT/,
    )
  })
})

describe('a server with a certificate of its own, or without TLS', () => {
  const file = path.join(folder, 'cert.pem')
  const own = { key: KEY, cert: CERTIFICATE }
  /** @type {import('node:net').Server[]} */
  const servers = []
  beforeAll(() => writeFileSync(file, CERTIFICATE))
  afterAll(() => servers.forEach((server) => server.close()))

  /** @param {import('node:net').Server} server */
  const listen = async (server) => {
    servers.push(server)
    await /** @type {Promise<void>} */ (new Promise((resolve) => server.listen(0, 'localhost', resolve)))
    return /** @type {import('node:net').AddressInfo} */ (server.address()).port
  }

  test('the probe trusts the certificate of PostgreSQL where pg will', async () => {
    const port = await listen(
      createServer((socket) => {
        socket.on('error', () => {})
        socket.once('data', () => {
          socket.write('S')
          const secure = new TLSSocket(socket, { isServer: true, ...own })
          secure.on('error', () => {})
          // A client that gets this far is told that its password is wrong.
          const error = Buffer.from('\0\0\0\0C28P01\0Mno\0\0')
          error.writeInt32BE(error.length)
          secure.once('data', () => secure.write(Buffer.concat([Buffer.from('E'), error])))
        })
      }),
    )
    const probe = (/** @type {string} */ query, host = 'localhost') =>
      probePostgres(`postgresql://u:p@${host}:${port}/name?${query}`, 5000)
    for (const mode of ['allow', 'prefer', 'require', 'verify-ca', 'verify-full']) {
      await expect(probe(`sslmode=${mode}`), mode).rejects.toThrow(
        /^DATABASE_URL: the certificate .* is not trusted \(self-signed certificate\).*sslrootcert=.*sslmode=no-verify/,
      )
    }
    for (const query of [
      'sslmode=no-verify',
      `sslmode=verify-full&sslrootcert=${file}`,
      'sslmode=require&uselibpqcompat=true',
    ]) {
      await expect(probe(query), query).rejects.toThrow(/refuses the password/)
    }
  })

  test('the probe does not trust a certificate of Redis that no known CA has signed, as ioredis will not', async () => {
    const port = await listen(
      createTlsServer(own, (socket) => socket.on('error', () => {}).on('data', () => socket.write('+PONG\r\n'))),
    )
    await expect(probeRedis(`rediss://localhost:${port}`, 5000)).rejects.toThrow(
      /^REDIS_URL: the certificate .* is not trusted .*NODE_EXTRA_CA_CERTS/,
    )
  })

  test('a PostgreSQL that offers no TLS is told apart from one that cannot be reached', async () => {
    const port = await listen(
      createServer((socket) => socket.on('error', () => {}).on('data', () => socket.write('N'))),
    )
    await expect(probePostgres(`postgresql://u:p@localhost:${port}/name?sslmode=prefer`, 5000)).rejects.toThrow(
      /offers no TLS.*sslmode=disable/,
    )
  })
})
