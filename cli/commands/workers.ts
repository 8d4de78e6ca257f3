import type { Command } from 'commander'
import { CommandError } from '../command-error'
import { forEach, showOutcomes } from '../outcomes'
import { duration, table } from '../print'
import { allPages, reasonOption, withSession, type Session } from '../session'

/** The commands about worker processes. */
export function addWorkerCommands(program: Command): void {
  program
    .command('workers')
    .description(
      'lists the workers that were seen within the last hour, also those that have stopped or were lost; THREADS and INLINE are the slots that are busy, of all',
    )
    .action((_, command: Command) =>
      withSession(command, async (session) => {
        const workers = await listWorkers(session)
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
              // Nobody knows whether a lost worker still runs.
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
    .option('--all', 'every worker that is alive and not draining yet')
    .addOption(reasonOption())
    .description('lets workers finish what they run and stop; each is started again by its supervisor')
    .action((ids: string[], { all, reason }: { all?: boolean; reason?: string }, command: Command) =>
      withSession(command, async (session) => {
        if (all && ids.length > 0) throw new CommandError('Name workers or say --all, not both.')
        if (!all && ids.length === 0)
          throw new CommandError('Name workers, or say --all. `jobyard workers` lists them.')
        const chosen = all
          ? (await listWorkers(session)).filter(({ state }) => state === 'ALIVE').map(({ id }) => id)
          : ids
        if (chosen.length === 0) return session.show([], () => 'No worker is alive, or all of them drain already.')
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

/** All workers that the caller may see, from all pages. */
export const listWorkers = ({ client }: Session) =>
  allPages((cursor) => client.api.metrics.workers.query({ cursor, limit: 100 }))
