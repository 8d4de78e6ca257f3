import path from 'node:path'
import type { Command } from 'commander'
import { stringify } from 'csv-stringify/sync'
import type { JobFilter, JobStatus, ListedJob } from '@/client'
import { CommandError } from '../command-error'
import { writeNewFile } from '../new-file'
import { forEach, showOutcomes } from '../outcomes'
import { duration, fields, plain, table } from '../print'
import { reasonOption, withSession } from '../session'

const STATUSES = [
  'PENDING',
  'QUEUED',
  'RUNNING',
  'COMPLETED',
  'FAILED',
  'TIMED_OUT',
  'CANCELED',
  'DEAD_LETTER',
] as const

interface FilterOptions {
  org?: string
  status?: string[]
  type?: string[]
  since?: string
  until?: string
  search?: string
}

/** For an option that may be given several times. */
const collect = (value: string, before: string[] = []): string[] => [...before, value]

const filtered = (command: Command): Command =>
  command
    .option(
      '--org <organization>',
      'only jobs of this organization: its id or short name (left out: of all organizations that you may see)',
    )
    .option(
      '--status <status>',
      `only jobs in this state: ${STATUSES.join(', ')}; give it several times for several states`,
      collect,
    )
    .option('--type <job type>', 'only jobs of this type; give it several times for several types', collect)
    .option(
      '--since <time>',
      'only jobs that were submitted at this time or later, as in 2026-11-29 or 2026-11-29T08:00Z',
    )
    .option('--until <time>', 'only jobs that were submitted before this time')
    .option('--search <words>', 'only jobs in whose title, parameters or error these words stand')

/** The commands about single jobs, and lists of them. */
export function addJobCommands(program: Command): void {
  program
    .command('job')
    .argument('<job>', 'the id of the job')
    .description('shows one job: where it stands, what it made, and its error')
    .action((jobId: string, _, command: Command) =>
      withSession(command, async ({ client, show }) => {
        const job = await client.get(jobId)
        show(job, () =>
          fields({
            id: job.id,
            title: job.title,
            status: job.status,
            type: `${job.jobType} (version ${job.jobTypeVersion})`,
            priority: job.priority,
            attempt: job.attempt,
            failures: `${job.failures} of at most ${job.maxRetries + 1}`,
            progress: `${job.progress} %${job.progressMessage ? `, ${job.progressMessage}` : ''}`,
            submitted: `${job.createdAt} by ${job.submittedBy.name}`,
            started: job.startedAt,
            finished: job.finishedAt,
            error: job.error && `${job.error.class}: ${job.error.message}`,
            result: job.result === null ? null : JSON.stringify(job.result),
          }),
        )
      }),
    )

  program
    .command('explain')
    .argument('<job>', 'the id of the job')
    .description('says why a job waits')
    .action((jobId: string, _, command: Command) =>
      withSession(command, async ({ client, show }) => {
        const [job, explained] = [await client.get(jobId), await client.api.jobs.explain.query({ jobId })]
        show({ status: job.status, ...explained }, () =>
          explained.reasons.length === 0
            ? `It does not wait: it is ${job.status}.`
            : [job.status, ...explained.reasons.map(({ message }) => `  ${plain(message)}`)].join('\n'),
        )
      }),
    )

  for (const [name, done, description] of [
    ['retry', 'runs again', 'runs a job again that failed, was canceled or is in the dead letter'],
    ['cancel', 'is told to stop', 'cancels a job, also one that runs'],
  ] as const)
    program
      .command(name)
      .argument('<job...>', 'the ids of the jobs')
      .addOption(reasonOption())
      .description(description)
      .action((ids: string[], { reason }: { reason?: string }, command: Command) =>
        withSession(command, async (session) => {
          const outcomes = await forEach(ids, async (id) => ({ job: await session.client[name](id, { reason }) }))
          showOutcomes(command, session, outcomes, ({ id, job }) =>
            job.status === 'CANCELED' ? `${id} is canceled.` : `${id} ${done}; it is ${job.status}.`,
          )
        }),
      )

  filtered(program.command('jobs'))
    .option('--limit <number>', 'the most jobs that are shown', '50')
    .description('lists jobs, the newest first')
    .action((options: FilterOptions & { limit: string }, command: Command) =>
      withSession(command, async ({ client, show, organization }) => {
        const most = wholeNumber('--limit', options.limit)
        const jobs: ListedJob[] = []
        for await (const job of client.list(await filterOf(options, organization), { pageSize: Math.min(most, 100) }))
          if (jobs.push(job) >= most) break
        show(jobs, () =>
          table(
            ['ID', 'STATUS', 'TYPE', 'SUBMITTED', 'RAN', 'TITLE'],
            jobs.map(({ id, status, jobType, createdAt, startedAt, finishedAt, title }) => [
              id,
              status,
              jobType,
              createdAt.slice(0, 19),
              startedAt && finishedAt ? duration((Date.parse(finishedAt) - Date.parse(startedAt)) / 1000) : null,
              title.slice(0, 60),
            ]),
          ),
        )
      }),
    )

  filtered(program.command('export'))
    .argument(
      '[file]',
      'a new file, whose name ends in .csv or .ndjson; left out: to the terminal, as CSV or with --json as JSON lines',
    )
    .description('writes jobs that match to a file: CSV for tables, or a JSON object a line with everything')
    .action((file: string | undefined, options: FilterOptions, command: Command) =>
      withSession(command, async ({ client, organization, json, env, out, err, show }) => {
        const filter = await filterOf(options, organization)
        // scripts/jobyard.mjs runs in Jobyard's folder, and notes where it was called.
        const target = file && path.resolve(env.JOBYARD_CALLED_IN ?? '.', file)
        const whole = target ? /\.(?:ndjson|jsonl)$/.test(target) : json
        const jobs = client.list(filter, { pageSize: 100, include: whole ? ['parameters', 'result'] : undefined })
        const written = { count: 0 }
        const lines = linesOf(jobs, whole, written)
        if (target) await writeNewFile(target, lines)
        else for await (const line of lines) out(line)
        const { count } = written
        if (json && target) show({ file: target, count }, () => '')
        else if (!json) err(`${count} ${count === 1 ? 'job' : 'jobs'} written${file ? ` to ${file}` : ''}.`)
      }),
    )
}

const COLUMNS = [
  'id',
  'organizationId',
  'jobType',
  'title',
  'status',
  'priority',
  'attempt',
  'failures',
  'createdAt',
  'startedAt',
  'finishedAt',
] as const

/** The lines of an export. It counts the jobs in `written`. */
async function* linesOf(
  jobs: AsyncIterable<ListedJob>,
  whole: boolean,
  written: { count: number },
): AsyncGenerator<string> {
  if (!whole) yield csvLine([...COLUMNS, 'error'])
  for await (const job of jobs) {
    written.count++
    yield whole ? JSON.stringify(job) : csvLine([...COLUMNS.map((column) => job[column]), job.error?.message ?? ''])
  }
}

/** Cells that a spreadsheet would take for a formula are escaped (rule 8). */
const csvLine = (cells: unknown[]): string => stringify([cells], { escape_formulas: true, eof: false })

async function filterOf(options: FilterOptions, organization: (named?: string) => Promise<string>): Promise<JobFilter> {
  const unknown = options.status?.find((status) => !(STATUSES as readonly string[]).includes(status))
  if (unknown) throw new CommandError(`--status is "${unknown}". It must be one of ${STATUSES.join(', ')}.`)
  return {
    organizationId: options.org === undefined ? undefined : await organization(options.org),
    status: options.status as JobStatus[] | undefined,
    jobType: options.type,
    createdAfter: instant('--since', options.since),
    createdBefore: instant('--until', options.until),
    search: options.search,
  }
}

function instant(option: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const at = new Date(text)
  if (Number.isNaN(at.getTime()))
    throw new CommandError(`${option} is "${text}". It must be a time, such as 2026-11-29 or 2026-11-29T08:00Z.`)
  return at.toISOString()
}

function wholeNumber(option: string, text: string): number {
  if (!/^\d{1,7}$/.test(text) || Number(text) < 1)
    throw new CommandError(`${option} is "${text}". It must be a whole number from 1 to 9999999.`)
  return Number(text)
}
