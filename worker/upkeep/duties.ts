import {
  LEASE_SECONDS,
  discardedFiles,
  foldUsage,
  forgetFiles,
  indexJobs,
  namedFiles,
  pruneBulks,
  pruneCauses,
  pruneJobs,
  pruneRollups,
  removeExpired,
  rescueLost,
  rollUp,
  runBulks,
  runningAttempts,
  sweepCircuits,
  sweepDeletedOrganizations,
  sweepDependents,
  sweepRevokedKeys,
  type Carrier,
  type Db,
  type ExpiryCursor,
  type IndexCursor,
  type RetentionCursor,
} from '@/server/engine'
import type { ArtifactStore } from '@/server/storage'
import { removeStale, returnMissing } from './reconciler'

/** What duties work with. */
export interface DutyContext {
  db: Db
  carrier: Carrier
  files: ArtifactStore
  /** Milliseconds that this process has led. */
  ledMs: () => number
}

/** What a duty answers: something may run now, and what is worth a line in the log. */
export interface Done {
  eligible?: number
  note?: string
}

export interface Duty {
  name: string
  /** The pause between two runs; one that takes long pauses longer (`worker/upkeep/maintenance.ts`). */
  everyMs: number
  /** How many times as long as it took it pauses at least; 10 where nothing is said. */
  rest?: number
  /** The store that it waits for besides PostgreSQL: one that is away holds up no other duty. */
  needs: 'postgresql' | 'queue'
  run(): Promise<Done>
}

/** A circuit may have to open for what failed while nobody led. */
const CIRCUIT_WINDOW_SECONDS = 1_800
const FILES = 200
/** What one run may take that gives jobs of before their titles. */
const INDEX_MS = 400
/** Its pause after it has seen all jobs. */
const INDEX_PAUSE_MS = 15_000
/** What one run over bulk actions may take of the round that the other duties share. */
const BULK_MS = 500

/** Everything that one worker does for all (SPEC 4.14). Each is harmless when two leaders do it at once. */
export function duties({ db, carrier, files, ledMs }: DutyContext): Duty[] {
  let lookBackSeconds = CIRCUIT_WINDOW_SECONDS
  let pruned: RetentionCursor = null
  let expired: ExpiryCursor = null
  let unindexed: IndexCursor = null
  let walkAgainAt = 0
  return [
    {
      name: 'rescue of lost attempts',
      everyMs: 1_000,
      needs: 'postgresql',
      async run() {
        // A leader that has just connected may see leases that nobody could renew while PostgreSQL was away.
        if (ledMs() < LEASE_SECONDS * 1000) return {}
        const jobs = await rescueLost(db)
        return { eligible: jobs, note: jobs > 0 ? `brought back ${jobs} jobs of lost workers` : undefined }
      },
    },
    {
      name: 'lost messages',
      everyMs: 1_000,
      needs: 'queue',
      async run() {
        const jobs = await returnMissing(db, carrier)
        return { eligible: jobs, note: jobs > 0 ? `brought back ${jobs} jobs whose message was lost` : undefined }
      },
    },
    {
      name: 'stale messages',
      everyMs: 5_000,
      needs: 'queue',
      run: async () => ({ note: countNote(await removeStale(db, carrier), 'stale messages removed') }),
    },
    {
      name: 'dependents',
      everyMs: 2_000,
      // What a race missed is found within 5 s, also where looking takes long.
      rest: 1,
      needs: 'postgresql',
      async run() {
        const { released, dead } = await sweepDependents(db)
        return { eligible: released + dead }
      },
    },
    {
      name: 'circuits',
      everyMs: 1_000,
      needs: 'postgresql',
      async run() {
        const { opened, closed, reopened, released } = await sweepCircuits(db, { lookBackSeconds })
        lookBackSeconds = 30
        return {
          eligible: closed + released,
          note:
            opened + closed + reopened > 0
              ? `circuits: ${opened} opened, ${closed} closed, ${reopened} trials failed`
              : undefined,
        }
      },
    },
    {
      name: 'deleted organizations',
      everyMs: 2_000,
      needs: 'postgresql',
      run: async () => ({
        note: countNote(await sweepDeletedOrganizations(db), 'jobs of deleted organizations ended'),
      }),
    },
    {
      name: 'revoked keys',
      everyMs: 2_000,
      needs: 'postgresql',
      run: async () => ({ note: countNote(await sweepRevokedKeys(db), 'jobs of revoked API keys settled') }),
    },
    {
      name: 'usage',
      everyMs: 5_000,
      needs: 'postgresql',
      async run() {
        await foldUsage(db)
        return {}
      },
    },
    {
      name: 'expired claims',
      everyMs: 10_000,
      needs: 'postgresql',
      async run() {
        expired = await removeExpired(db, expired)
        return {}
      },
    },
    {
      name: 'metrics rollups',
      everyMs: 10_000,
      needs: 'postgresql',
      async run() {
        await rollUp(db)
        await pruneRollups(db)
        return {}
      },
    },
    {
      name: 'retention',
      everyMs: 5_000,
      needs: 'postgresql',
      async run() {
        const { removed, after } = await pruneJobs(db, pruned)
        pruned = after
        await pruneBulks(db)
        await pruneCauses(db)
        return { note: countNote(removed, 'jobs past their retention removed') }
      },
    },
    {
      name: 'titles and words',
      everyMs: 1_000,
      needs: 'postgresql',
      async run() {
        if (Date.now() < walkAgainAt) return {}
        const until = Date.now() + INDEX_MS
        let jobs = 0
        for (;;) {
          const { indexed, before } = await indexJobs(db, unindexed)
          unindexed = before
          jobs += indexed
          if (before === null) walkAgainAt = Date.now() + INDEX_PAUSE_MS
          // Where there are none it only looks, one step at a time.
          if (indexed === 0 || before === null || Date.now() > until) break
        }
        return { note: countNote(jobs, 'jobs got their title and words') }
      },
    },
    {
      name: 'discarded files',
      everyMs: 5_000,
      needs: 'postgresql',
      async run() {
        // Files first: rows that remain after a crash name files that are gone already, which is no harm.
        const keys = await discardedFiles(db, FILES)
        if (keys.length === 0) return {}
        await files.removeArtifacts(keys)
        await forgetFiles(db, keys)
        return {}
      },
    },
    {
      name: 'abandoned files',
      everyMs: 15_000,
      needs: 'postgresql',
      async run() {
        const { kept, removed } = await files.settleAbandoned({
          running: (attempts) => runningAttempts(db, attempts),
          named: (jobIds) => namedFiles(db, jobIds),
        })
        return { note: kept + removed > 0 ? `files of dead attempts: ${kept} kept, ${removed} removed` : undefined }
      },
    },
    {
      name: 'bulk actions',
      everyMs: 1_000,
      // Somebody waits for them, and their parts are short: half of the time may be theirs.
      rest: 1,
      needs: 'postgresql',
      async run() {
        const { changed, ended } = await runBulks(db, { forMs: BULK_MS })
        return {
          eligible: changed,
          note: ended.length > 0 ? ended.map(({ id, status }) => `bulk action ${id} ${status}`).join(', ') : undefined,
        }
      },
    },
  ]
}

const countNote = (count: number, what: string) => (count > 0 ? `${count} ${what}` : undefined)
