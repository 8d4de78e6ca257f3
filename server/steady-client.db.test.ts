import { Client, Pool } from 'pg'
import { expect, test } from 'vitest'
import { createTestDatabase } from '@/scripts/test/database'
import { SteadyClient } from './steady-client'

test('a connection that is cut while somebody holds it and asks nothing ends no process', async () => {
  const database = await createTestDatabase()
  const pool = new Pool({ connectionString: database.url, Client: SteadyClient, max: 1 })
  pool.on('error', () => undefined)
  const admin = new Client({ connectionString: database.url })
  try {
    await admin.connect()
    const held = await pool.connect()
    const { rows } = await held.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
    const ended = new Promise((resolve) => held.once('end', resolve))
    await admin.query('SELECT pg_terminate_backend($1)', [rows[0]!.pid])
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
