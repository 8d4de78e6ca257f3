import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { afterEach, expect, test, vi } from 'vitest'
import { identify, startStamp, stillRuns } from './processes.mjs'

vi.mock('node:fs', async (actual) => ({ .../** @type {object} */ (await actual()), readFileSync: vi.fn() }))
afterEach(() => vi.unstubAllEnvs())

test('without /proc a process is recognized also by a terminal with another language and time zone', () => {
  vi.mocked(readFileSync).mockImplementation(() => {
    throw new Error('no /proc, as on macOS')
  })
  vi.stubEnv('TZ', 'Asia/Tokyo')
  const tokyo = execFileSync('ps', ['-o', 'lstart=', '-p', String(process.pid)], { encoding: 'utf8' }).trim()
  const identity = identify(process.pid)
  expect(identity.stamp).not.toBe('')
  expect(identity.stamp).not.toBe(tokyo)
  vi.stubEnv('TZ', 'America/New_York')
  vi.stubEnv('LC_ALL', 'de_DE.UTF-8')
  expect(startStamp(process.pid)).toBe(identity.stamp)
  expect(stillRuns(identity)).toBe(true)
})
