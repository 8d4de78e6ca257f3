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

  it.each(['short', 'change-me-change-me-change-me-change-me', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'])('refuses the secret "%s"', (secret) => {
    expect(linesOf(() => parseWebEnv({ ...good, NEXTAUTH_SECRET: secret }))[0]).toMatch(/^NEXTAUTH_SECRET .*openssl/)
  })
})
