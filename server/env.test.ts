import { describe, expect, it } from 'vitest'
import { EnvError, parseWebEnv, parseWorkerEnv } from './env'

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
  it('has defaults, and an empty variable counts as unset', () => {
    const env = parseWebEnv({ ...good, PORT: '', REDIS_URL: '' })
    expect(env).toMatchObject({ PORT: 3000, JOBYARD_EMBEDDED: false })
    expect(env.REDIS_URL).toBeUndefined()
    expect(parseWorkerEnv(good)).toMatchObject({ DRAIN_SECONDS: 15, ISOLATED_SLOTS: 4, INLINE_SLOTS: 100, STORAGE_DIR: '.local/storage' })
  })

  it('gives one line for each wrong variable, which never repeats a value', () => {
    const lines = linesOf(() => parseWebEnv({ ...good, DATABASE_URL: 'mysql://root:hunter2@x/y', PORT: '0', LOG_LEVEL: 'loud', NEXTAUTH_URL: undefined }))
    expect(lines.map((line) => line.split(' ')[0])).toEqual(['DATABASE_URL', 'LOG_LEVEL', 'PORT', 'NEXTAUTH_URL'])
    expect(lines.join('\n')).not.toContain('hunter2')
    expect(lines.at(-1)).toMatch(/not set/)
  })

  it('takes what calls to services outside need, and names the entry of the allow list that is wrong', () => {
    const outside = { HTTP_REQUEST_SECRET: 'a3v0nQxY2m8Zr5tWb7cJ4hLsDf6gPaEu', HTTP_REQUEST_ALLOW: 'billing.internal, 10.0.0.0/8' }
    expect(parseWorkerEnv({ ...good, ...outside })).toMatchObject({ ...outside, NEXTAUTH_URL: good.NEXTAUTH_URL })
    expect(parseWorkerEnv({ ...good, NEXTAUTH_URL: undefined })).toMatchObject({ HTTP_REQUEST_ALLOW: '' })
    const lines = linesOf(() => parseWorkerEnv({ ...good, HTTP_REQUEST_SECRET: 'hunter2', HTTP_REQUEST_ALLOW: 'a.internal, 10.0.0.0/40' }))
    expect(lines).toEqual([expect.stringMatching(/^HTTP_REQUEST_SECRET .*openssl/), expect.stringMatching(/^HTTP_REQUEST_ALLOW holds "10\.0\.0\.0\/40"/)])
  })

  it.each(['short', 'change-me-change-me-change-me-change-me', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'])('refuses the secret "%s"', (secret) => {
    expect(linesOf(() => parseWebEnv({ ...good, NEXTAUTH_SECRET: secret }))[0]).toMatch(/^NEXTAUTH_SECRET .*openssl/)
  })
})
