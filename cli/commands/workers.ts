import type { Command } from 'commander'
import { CommandError } from '../command-error'
import { forEach, showOutcomes } from '../outcomes'
import { duration, table } from '../print'
import { allPages, reasonOption, withSession, type Session } from '../session'

/** The commands about worker processes. */
export function addWorkerCommands(program: Command): void {
  program
    .command('workers')
    .description('lists workers that are alive, and those that ended in the last hour')
    .action((_, command: Command) =>
      withSession(command, async (session) => {
        const workers = await workersOf(session)
        session.show(workers, () =>
          table(
            ['ID', 'STATE', 'HOST', 'POOLS', 'THREADS', 'INLINE', 'UP', 'VERSION'],
            workers.map(({ id, state, host, pools, slots, busy, startedAt, stoppedAt, version }) => [
              id,
              state,
              host,
              pools?.join(',') ?? 'all',
              `${busy.isolated}/${slots.isolated}`,
              `${busy.inline}/${slots.inline}`,
              stoppedAt === null && state !== 'LOST' ? duration((Date.now() - Date.parse(startedAt)) / 1000) : null,
              version,
            ]),
            'There is no worker. Start one: npm run worker.',
          ),
        )
      }),
    )

  program
    .command('drain')
    .argument('[worker...]', 'the ids of workers')
    .option('--all', 'every worker that is alive')
    .addOption(reasonOption())
    .description('lets workers finish what they run and stop; each is started again by its supervisor')
    .action((ids: string[], { all, reason }: { all?: boolean; reason?: string }, command: Command) =>
      withSession(command, async (session) => {
        if (all === ids.length > 0) throw new CommandError('Name workers, or say --all.')
        if (!all && ids.length === 0)
          throw new CommandError('Name workers, or say --all. `jobyard workers` lists them.')
        const chosen = all
          ? (await workersOf(session)).filter(({ state }) => state === 'ALIVE').map(({ id }) => id)
          : ids
        if (chosen.length === 0) return session.show([], () => 'No worker is alive.')
        const outcomes = await forEach(chosen, async (workerId) => ({
          worker: await session.client.api.workers.drain.mutate({ workerId, reason }),
        }))
        showOutcomes(
          command,
          session,
          outcomes,
          ({ id, worker }) => `${id} drains${worker.drainsUntil ? ` until ${worker.drainsUntil}` : ''}.`,
        )
      }),
    )
}

export const workersOf = ({ client }: Session) =>
  allPages((cursor) => client.api.metrics.workers.query({ cursor, limit: 100 }))
