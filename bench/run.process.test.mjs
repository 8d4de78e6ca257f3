import { mkdirSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { clone } from '../launcher/command.fixture.mjs'
import { run } from '../launcher/processes.mjs'

test('a bench that finds no Redis says so in one line, and stops the PostgreSQL that it has started', async () => {
  const temporary = path.join(clone, '.local/bench-folders')
  mkdirSync(temporary, { recursive: true })
  const { code, output } = await run(process.execPath, ['bench/run.mjs', '--only', 'growth'], {
    cwd: clone,
    env: { ...process.env, TMPDIR: temporary, REDIS_SERVER_BIN: '/nowhere/redis-server' },
  })
  expect(output).toMatch(/^jobyard: REDIS_SERVER_BIN names \/nowhere\/redis-server, which does not exist\.$/m)
  expect(output).not.toMatch(/^ +at /m)
  expect(code).toBe(1)
  // The folder with its data is the last thing to go, after PostgreSQL has stopped.
  expect(readdirSync(temporary)).toEqual([])
})
