import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Client } from 'pg'
import { expect, test } from 'vitest'
import { openDatabase } from '@/testing/open-database'
import { Leader } from './leader'

const { database } = await openDatabase()

test('one of two leaders holds the lock, and the other follows within seconds when its connection ends', async () => {
  const [first, second] = [new Leader(database.url), new Leader(database.url)]
  try {
    expect([await first.lead(), await second.lead(), await first.lead()]).toEqual([true, false, true])
    const admin = new Client({ connectionString: database.url })
    await admin.connect()
    await admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'jobyard-leader' AND datname = current_database()`,
    )
    await admin.end()
    await expect.poll(() => second.lead(), { timeout: 20_000 }).toBe(true)
    // The first asks, learns that it no longer leads, and has to stand in line.
    await expect.poll(() => first.lead().catch(() => (first.resign(), false)), { timeout: 20_000 }).toBe(false)
  } finally {
    first.resign()
    second.resign()
  }
})

test('a frozen leader, whose connection stays open, is replaced', async () => {
  const frozen = spawn(process.execPath, ['--import', 'tsx', 'worker/upkeep/leader.fixture.ts'], {
    env: { ...process.env, DATABASE_URL: database.url },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const next = new Leader(database.url)
  try {
    expect(String((await once(frozen.stdout, 'data'))[0])).toBe('true\n')
    expect(await next.lead()).toBe(false)
    frozen.kill('SIGSTOP')
    await expect.poll(() => next.lead(), { timeout: 40_000, interval: 500 }).toBe(true)
  } finally {
    frozen.kill('SIGKILL')
    next.resign()
  }
})
