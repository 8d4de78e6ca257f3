import fc from 'fast-check'
import { afterAll, beforeAll, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@/scripts/test/database'
import { createDb, type Db } from '@/server/db'
import { clearJobs, createWorld, type World } from '../engine.fixture'
import { commands } from './commands.fixture'
import { Model } from './model'

// `LONG=1` or `FC_RUNS=500` for a campaign; a failure prints its seed and path, and FC_SEED and FC_PATH repeat it.
const runs = Number(process.env.FC_RUNS ?? (process.env.LONG ? 400 : 25))

let database: TestDatabase
let db: Db
let world: World

beforeAll(async () => {
  database = await createTestDatabase()
  db = createDb(database.url, { max: 4 })
  world = await createWorld(db, database.url)
})
afterAll(async () => {
  await db?.$disconnect()
  await database?.drop()
})

test(
  'whatever happens in whatever order, the engine does what the model does',
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.commands(commands, { size: process.env.LONG ? '+1' : 'max', maxCommands: process.env.LONG ? 120 : 45 }), async (list) => {
        await clearJobs(db)
        await db.organization.update({ where: { id: world.organizationId }, data: { status: 'ACTIVE' } })
        await db.jobType.updateMany({ where: { name: { in: ['plain', 'zero'] } }, data: { enabled: true } })
        await fc.asyncModelRun(() => ({ model: new Model(), real: { ...world, claims: new Map() } }), list)
      }),
      {
        numRuns: runs,
        seed: process.env.FC_SEED ? Number(process.env.FC_SEED) : undefined,
        path: process.env.FC_PATH,
        endOnFailure: process.env.FC_PATH !== undefined,
      },
    )
  },
  // A limit for a run that hangs, not for a slow machine.
  runs * 30_000,
)
