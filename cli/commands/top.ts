import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import type { Api } from '@/client'
import { CommandError } from '../command-error'
import { duration, table, upTo } from '../print'
import { told } from '../told'
import { withSession, type Session } from '../session'
import { listWorkers } from './workers'

type Fleet = Api['metrics']['fleet']['output']
type Worker = Api['metrics']['workers']['output']['items'][number]

/** What the screen shows at one moment. */
interface Moment {
  at: string
  fleet: Fleet
  workers: Worker[]
  /** The jobs that have run longest. */
  longest: Worker['running']
  stuck: Api['metrics']['stuck']['output']['items']
}

/** How many jobs are shown. */
const LONGEST = 10
// The other screen of a terminal, without a cursor. Long lines are cut and not wrapped, because some characters take two
// columns and a wrapped line would push the others down. Each line is written over the one before it, so that nothing flickers.
const ANSI = {
  enter: '\x1b[?1049h\x1b[?25l\x1b[?7l',
  leave: '\x1b[?7h\x1b[?25h\x1b[?1049l',
  home: '\x1b[H',
  endOfLine: '\x1b[K\r\n',
  endOfScreen: '\x1b[J',
}

/** A screen of pools, workers and the jobs that run longest. */
export function addTop(program: Command): void {
  program
    .command('top')
    .option('--every <seconds>', 'how often it looks', '2')
    .option('--once', 'prints one look and ends, as it does where no terminal is')
    .description('a live screen of pools, workers and the jobs that run longest; Ctrl-C or q ends it')
    .action(({ every, once }: { every: string; once?: boolean }, command: Command) =>
      withSession(command, async (session) => {
        const seconds = Number(every)
        if (!(seconds >= 0.5 && seconds <= 3600))
          throw new CommandError(`--every is "${every}". It must be a number of seconds from 0.5 to 3600.`)
        if (once || session.json || !process.stdout.isTTY) {
          const moment = await look(session)
          return session.show(moment, () => screen(moment, session.where))
        }
        await live(session, seconds * 1000)
      }),
    )
}

async function live(session: Session, everyMs: number): Promise<void> {
  const ended = new AbortController()
  const end = () => ended.abort()
  // In raw mode the terminal sends Ctrl-C as this character, and no signal.
  const onKey = (key: Buffer) => ['q', '\x03'].includes(key.toString()) && end()
  process.once('SIGINT', end).once('SIGTERM', end)
  if (process.stdin.isTTY) process.stdin.setRawMode(true).on('data', onKey)
  let text = `Jobyard at ${session.where}: the first look …`
  const draw = () => {
    const { rows = 24, columns = 80 } = process.stdout
    process.stdout.write(frameOf(text, rows, columns))
  }
  process.stdout.write(ANSI.enter)
  process.stdout.on('resize', draw)
  draw()
  try {
    while (!ended.signal.aborted) {
      // A server that does not answer is shown; the next look may find it again.
      text = await look(session).then(
        (moment) => screen(moment, session.where),
        (error: unknown) => failureOf(error, session.where),
      )
      if (!ended.signal.aborted) draw()
      await sleep(everyMs, undefined, { signal: ended.signal }).catch(() => undefined)
    }
  } finally {
    process.stdout.off('resize', draw)
    process.stdout.write(ANSI.leave)
    if (process.stdin.isTTY) process.stdin.setRawMode(false).off('data', onKey).pause()
  }
}

/** The text as it is drawn on a terminal of this size. Where not all of it fits, the last line says how much is missing. */
export function frameOf(text: string, rows: number, columns: number): string {
  const lines = text.split('\n')
  // The last row stays free, so that no terminal scrolls.
  const fits = Math.max(1, rows - 1)
  const shown = lines.length <= fits ? lines : [...lines.slice(0, fits - 1), `… ${lines.length - fits + 1} more lines`]
  return ANSI.home + shown.map((line) => line.slice(0, columns).toWellFormed()).join(ANSI.endOfLine) + ANSI.endOfScreen
}

/** Tells a server that does not answer from one that refuses. */
export function failureOf(error: unknown, where: string): string {
  const { reason, message } = told(error)
  return reason === 'NETWORK' || reason === 'UNAVAILABLE'
    ? `No answer from ${where}: ${message}`
    : `${where} refuses (${reason}): ${message}`
}

async function look(session: Session): Promise<Moment> {
  const { metrics } = session.client.api
  const [fleet, workers, stuck] = await Promise.all([
    metrics.fleet.query({}),
    listWorkers(session),
    metrics.stuck.query({ limit: LONGEST }),
  ])
  const running = workers.flatMap((worker) => worker.running)
  const longest = running.sort((a, b) => b.elapsedSeconds - a.elapsedSeconds).slice(0, LONGEST)
  return { at: new Date().toISOString(), fleet, workers, longest, stuck: stuck.items }
}

function screen({ at, fleet, workers, longest }: Moment, where: string): string {
  const alive = workers.filter(({ state }) => state === 'ALIVE' || state === 'DRAINING')
  return [
    `Jobyard at ${where}, ${at.slice(0, 19).replace('T', ' ')} UTC`,
    `${fleet.workers.alive} ${fleet.workers.alive === 1 ? 'worker' : 'workers'} alive, ${fleet.workers.draining} draining; ${Math.round(fleet.jobsPerMinute)} jobs a minute`,
    '',
    table(
      ['POOL', 'WAITING', 'WORKERS', 'THREADS', 'INLINE'],
      fleet.pools.map(({ pool, waiting, workers: { alive: some }, slots, busy }) => [
        pool,
        waiting,
        some,
        `${busy.isolated}/${slots.isolated}`,
        `${busy.inline}/${slots.inline}`,
      ]),
    ),
    '',
    table(
      ['WORKER', 'STATE', 'HOST', 'THREADS', 'INLINE', 'MEMORY'],
      alive.map(({ id, state, host, slots, busy, memory }) => [
        id,
        state,
        host,
        `${busy.isolated}/${slots.isolated}`,
        `${busy.inline}/${slots.inline}`,
        memory ? `${Math.round(memory.rssBytes / 1048576)} MiB` : null,
      ]),
      'No worker is alive.',
    ),
    '',
    table(
      ['RUNS FOR', 'USUALLY', 'PROGRESS', 'JOB', 'TYPE', 'TITLE'],
      longest.map(({ elapsedSeconds, p95Seconds, progress, jobId, jobType, title, stuck }) => [
        `${duration(elapsedSeconds)}${stuck ? ' looks stuck' : ''}`,
        p95Seconds === null ? null : upTo(p95Seconds),
        `${progress} %`,
        jobId,
        jobType,
        title,
      ]),
      'Nothing runs.',
    ),
  ].join('\n')
}
