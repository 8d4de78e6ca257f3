import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { readSettings } from '@/launcher/settings.mjs'
import { EnvError, oidcSettings, parseWebEnv, parseWorkerEnv } from './env'

const good = {
  NODE_ENV: 'test' as const,
  DATABASE_URL: 'postgresql://u:p@localhost:5432/db',
  NEXTAUTH_SECRET: 'k3v0nQxY2m8Zr5tWb7cJ4hLsDf6gPaEu',
  NEXTAUTH_URL: 'http://localhost:3000',
}
const linesOf = (read: () => unknown): string[] => {
  try {
    read()
  } catch (error) {
    if (error instanceof EnvError) return error.lines
    throw error
  }
  return []
}

describe('the environment', () => {
  it('the environment has defaults, and an empty variable counts as unset', () => {
    const env = parseWebEnv({ ...good, PORT: '', REDIS_URL: '' })
    expect(env).toMatchObject({ PORT: 3000, JOBYARD_EMBEDDED: false })
    expect(env.REDIS_URL).toBeUndefined()
    expect(parseWorkerEnv(good)).toMatchObject({
      DRAIN_SECONDS: 15,
      ISOLATED_SLOTS: 4,
      INLINE_SLOTS: 100,
      STORAGE_DIR: '.local/storage',
    })
  })

  it('the environment gives one line for each wrong variable, which does not repeat the password in an address', () => {
    const lines = linesOf(() =>
      parseWebEnv({
        ...good,
        DATABASE_URL: 'mysql://root:hunter2@x/y',
        PORT: '0',
        LOG_LEVEL: 'loud',
        NEXTAUTH_URL: undefined,
      }),
    )
    expect(lines.map((line) => line.split(' ')[0])).toEqual(['DATABASE_URL', 'LOG_LEVEL', 'PORT', 'NEXTAUTH_URL'])
    expect(lines.join('\n')).not.toContain('hunter2')
    expect(lines.at(-1)).toMatch(/not set/)
  })

  it('the environment takes what calls to services outside need, and names the entry of the allow list that is wrong', () => {
    const outside = {
      HTTP_REQUEST_SECRET: 'a3v0nQxY2m8Zr5tWb7cJ4hLsDf6gPaEu',
      HTTP_REQUEST_ALLOW: 'billing.internal, 10.0.0.0/8',
    }
    expect(parseWorkerEnv({ ...good, ...outside })).toMatchObject({ ...outside, NEXTAUTH_URL: good.NEXTAUTH_URL })
    expect(parseWorkerEnv({ ...good, NEXTAUTH_URL: undefined })).toMatchObject({ HTTP_REQUEST_ALLOW: '' })
    const lines = linesOf(() =>
      parseWorkerEnv({ ...good, HTTP_REQUEST_SECRET: 'hunter2', HTTP_REQUEST_ALLOW: 'a.internal, 10.0.0.0/40' }),
    )
    expect(lines).toEqual([
      expect.stringMatching(/^HTTP_REQUEST_SECRET .*openssl/),
      expect.stringMatching(/^HTTP_REQUEST_ALLOW holds "10\.0\.0\.0\/40"/),
    ])
  })

  it.each([
    'short',
    'change-me-change-me-change-me-change-me',
    'changeme_changeme_changeme_changeme',
    'your-secret-of-32-characters-or-more',
    'supersecretsupersecretsupersecret',
    'secretsecretsecretsecretsecretsecret',
    'example-secret-for-local-development',
    '12345678901234567890123456789012',
    '98765432109876543210987654321098',
    'abababababababababababababababababababab',
    'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
  ])('the environment is refused with the secret "%s", also by `npm start`', (secret) => {
    expect(linesOf(() => parseWebEnv({ ...good, NEXTAUTH_SECRET: secret }))[0]).toMatch(/^NEXTAUTH_SECRET .*openssl/)
    expect(() => readSettings({ NEXTAUTH_SECRET: secret })).toThrow(/^NEXTAUTH_SECRET .*openssl/)
  })

  // The second is hexadecimal without a letter, as one in three million is.
  it.each(['SyOUr-8NzuTQKprHAW4TyFhsMrf_pwb0', '40718296350198273645091827364509'])(
    'the environment is accepted with the secret %s, which only looks a little like an example',
    (secret) => {
      expect(linesOf(() => parseWebEnv({ ...good, NEXTAUTH_SECRET: secret }))).toEqual([])
    },
  )

  it('a secret that was made at random is taken, in base64, base64url or hexadecimal', () => {
    for (let i = 0; i < 2000; i++) {
      for (const secret of [
        randomBytes(32).toString('base64'),
        randomBytes(24).toString('base64url'),
        randomBytes(16).toString('hex'),
      ]) {
        expect(
          linesOf(() => parseWebEnv({ ...good, NEXTAUTH_SECRET: secret })),
          secret,
        ).toEqual([])
        expect(() => readSettings({ NEXTAUTH_SECRET: secret }), secret).not.toThrow()
      }
    }
  })

  it('a secret that was set is needed by `npm start` in production with a given database, and by every web process', () => {
    expect(() => readSettings({ DATABASE_URL: good.DATABASE_URL, NODE_ENV: 'production' })).toThrow(
      /^NEXTAUTH_SECRET is not set/,
    )
    expect(linesOf(() => parseWebEnv({ ...good, NEXTAUTH_SECRET: '' }))).toEqual([
      'NEXTAUTH_SECRET is not set (see .env.example)',
    ])
  })

  const oidc = {
    OIDC_ISSUER: 'https://login.example.com',
    OIDC_CLIENT_ID: 'jobyard',
    OIDC_CLIENT_SECRET: 'Zk3v0nQxY2m8Zr5t',
  }
  it('the environment has an OIDC provider where all of its variables are set, and is refused where only some are, or where one is not safe', () => {
    expect(oidcSettings(parseWebEnv(good))).toBeNull()
    expect(oidcSettings(parseWebEnv({ ...good, ...oidc, OIDC_NAME: '' }))).toEqual({
      issuer: oidc.OIDC_ISSUER,
      clientId: 'jobyard',
      clientSecret: oidc.OIDC_CLIENT_SECRET,
      name: 'single sign-on',
    })
    expect(parseWebEnv({ ...good, ...oidc, OIDC_ISSUER: 'http://127.0.0.1:4000' })).toMatchObject({
      OIDC_ISSUER: 'http://127.0.0.1:4000',
    })
    const wrong = [
      [{ ...oidc, OIDC_CLIENT_ID: '' }, /^OIDC_CLIENT_ID .*not set: .*all of/],
      [{ OIDC_NAME: 'Acme' }, /^OIDC_ISSUER.*not set/],
      [{ ...oidc, OIDC_ISSUER: 'http://login.example.com' }, /^OIDC_ISSUER must be an https address/],
      [{ ...oidc, OIDC_CLIENT_SECRET: 'changeme' }, /^OIDC_CLIENT_SECRET is an example/],
    ] as const
    for (const [given, line] of wrong) {
      expect(linesOf(() => parseWebEnv({ ...good, ...given }))[0]).toMatch(line)
      expect(() => readSettings({ ...given })).toThrow(line)
    }
  })
})
