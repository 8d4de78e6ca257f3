import fc from 'fast-check'
import { test } from 'vitest'
import { clearJobs, openWorld } from '@/testing/engine'
import { commands } from './commands.fixture'
import { Model } from './model'

// `LONG=1` or `FC_RUNS=500` for a campaign; a failure prints its seed and path, and FC_SEED and FC_PATH repeat it.
const runs = Number(process.env.FC_RUNS ?? (process.env.LONG ? 400 : 25))

const { db, world } = await openWorld({ max: 4 })

test(
  'whatever happens in whatever order, the engine does what the model does',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        // Without the largest size, fast-check would make much shorter lists than `maxCommands` allows.
        fc.commands(commands, { size: 'max', maxCommands: process.env.LONG ? 120 : 45 }),
        async (list) => {
          await clearJobs(db)
          await db.organization.update({ where: { id: world.organizationId }, data: { status: 'ACTIVE' } })
          await db.jobType.updateMany({ where: { name: { in: ['plain', 'zero'] } }, data: { enabled: true } })
          await fc.asyncModelRun(() => ({ model: new Model(), real: { ...world, claims: new Map() } }), list)
        },
      ),
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
