import { Client, Pool } from 'pg'
import { expect, test } from 'vitest'
import { createTestDatabase } from '@/testing/database'
import { openDoor } from '@/testing/door'
import { createDb } from './db'
import { steadyClient } from './steady-client'

// Connections to PostgreSQL must survive a server that closes them or goes silent, and set their own settings.

test('the process survives when a connection is cut that is checked out but idle', async () => {
  const database = await createTestDatabase()
  const pool = new Pool({ connectionString: database.url, Client: steadyClient(), max: 1 })
  pool.on('error', () => undefined)
  const admin = new Client({ connectionString: database.url })
  try {
    await admin.connect()
    const held = await pool.connect()
    const { rows } = await held.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
    const ended = new Promise((resolve) => held.once('end', resolve))
    await admin.query('SELECT pg_terminate_backend($1)', [rows[0]!.pid])
    // Without the steady client, this would be an uncaught error event, and vitest would fail the run.
    await ended
    await expect(held.query('SELECT 1')).rejects.toThrow()
    held.release(true)
    // The pool goes on with another one.
    expect((await pool.query<{ one: number }>('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  } finally {
    await admin.end()
    await pool.end()
    await database.drop()
  }
})

test.each(['a statement', 'a transaction'])(
  '%s that a lost server never answers is given up, and so is its connection',
  async (what) => {
    const database = await createTestDatabase()
    const door = await openDoor(database.url)
    const db = createDb(door.url, { max: 1, silenceMs: 1_000 })
    const one = () => db.$queryRaw`SELECT 1 AS one`
    try {
      await one()
      const hanging =
        what === 'a statement'
          ? (door.freeze(), one())
          : db.$transaction(async (tx) => {
              await tx.$queryRaw`SELECT 1`
              door.freeze()
              await tx.$queryRaw`SELECT 1`
            })
      await expect(hanging).rejects.toThrow()
      expect(await one()).toEqual([{ one: 1 }])
      // A transaction that lasts longer than silenceMs goes on, because each statement is shorter.
      await db.$transaction(async (tx) => {
        for (let part = 0; part < 4; part++) await tx.$queryRaw`SELECT 1 FROM pg_sleep(0.5)`
      })
    } finally {
      await door.close()
      await db.$disconnect()
      await database.drop()
    }
  },
)

test.each(['mixed', 'byKey', 'hotPath'] as const)(
  'a %s connection has the settings of its workload, and never uses just-in-time compilation or parallel plans',
  async (workload) => {
    const database = await createTestDatabase()
    const db = createDb(database.url, { max: 1, workload })
    try {
      const name = new URL(database.url).pathname.slice(1)
      await db.$executeRawUnsafe(`ALTER DATABASE "${name}" SET jit = on`)
      await db.$executeRawUnsafe(`ALTER DATABASE "${name}" SET max_parallel_workers_per_gather = 2`)
      const pool = new Pool({ connectionString: database.url, max: 1 })
      expect((await pool.query('SHOW jit')).rows).toEqual([{ jit: 'on' }])
      await pool.end()
      // The first connection is older than ALTER DATABASE. The next query opens a new one.
      await db.$disconnect()
      const [row] = await db.$queryRaw<
        object[]
      >`SELECT current_setting('jit') AS jit, current_setting('max_parallel_workers_per_gather') AS helpers, current_setting('enable_seqscan') AS seqscan, current_setting('enable_bitmapscan') AS bitmaps, current_setting('plan_cache_mode') AS plans, current_setting('idle_in_transaction_session_timeout') AS idle`
      expect(row).toEqual({
        jit: 'off',
        helpers: '0',
        seqscan: workload === 'mixed' ? 'on' : 'off',
        bitmaps: workload === 'hotPath' ? 'off' : 'on',
        plans: workload === 'hotPath' ? 'force_generic_plan' : 'auto',
        idle: workload === 'mixed' ? '0' : '5s',
      })
    } finally {
      await db.$disconnect()
      await database.drop()
    }
  },
)

test('settings of a session are made by a statement, so a pooler cannot drop them', async () => {
  const database = await createTestDatabase()
  const Steady = steadyClient({ settings: { search_path: 'pg_catalog', idle_session_timeout: 5_000 } })
  const client = new Steady({ connectionString: database.url })
  try {
    // What reaches PostgreSQL beside user and database: nothing that a pooler may refuse.
    const { options } = (client as unknown as { getStartupConf(): { options?: string } }).getStartupConf()
    expect(options).toBeUndefined()
    await client.connect()
    const { rows } = await client.query(
      `SELECT current_setting('search_path') AS path, current_setting('idle_session_timeout') AS idle, current_setting('jit') AS jit`,
    )
    expect(rows).toEqual([{ path: 'pg_catalog', idle: '5s', jit: 'off' }])
  } finally {
    await client.end()
    await database.drop()
  }
})
