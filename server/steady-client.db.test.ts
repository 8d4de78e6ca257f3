import { Client, Pool } from 'pg'
import { expect, test } from 'vitest'
import { createTestDatabase } from '@/scripts/test/database'
import { openDoor } from '@/scripts/test/door'
import { createDb } from './db'
import { steadyClient } from './steady-client'

test('a connection that is cut while somebody holds it and asks nothing ends no process', async () => {
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

test.each(['a statement', 'a transaction'])('%s that a lost server never answers is given up, and so is its connection', async (what) => {
  const database = await createTestDatabase()
  const door = await openDoor(database.url)
  const db = createDb(door.url, { max: 1, silenceMs: 1_000 })
  const one = () => db.$queryRaw`SELECT 1 AS one`
  try {
    await one()
    const hanging = what === 'a statement'
      ? (door.freeze(), one())
      : db.$transaction(async (tx) => {
          await tx.$queryRaw`SELECT 1`
          door.freeze()
          await tx.$queryRaw`SELECT 1`
        })
    await expect(hanging).rejects.toThrow()
    expect(await one()).toEqual([{ one: 1 }])
    // One that talks now and then lives for as long as it likes.
    await db.$transaction(async (tx) => {
      for (let part = 0; part < 4; part++) await tx.$queryRaw`SELECT 1 FROM pg_sleep(0.5)`
    })
  } finally {
    await door.close()
    await db.$disconnect()
    await database.drop()
  }
})
