import { setTimeout as sleep } from 'node:timers/promises'
import { Administrators } from './administrators'
import { audit, unfinishedJobs, type Finding } from './audit'
import { Client } from './client'
import { Cluster, type Backend } from './cluster'
import { FAULTS, FaultRunner, faultsOn, requirePossible, type FaultName } from './faults'
import { Load } from './load'
import { planMixed, planPlain } from './plan'
import { Random } from './random'

/** What a campaign does, and by when it has to be quiet. */
export interface Campaign {
  /** Shown, such as "mixed work on redis". */
  title: string
  backend: Backend
  seed: number
  jobs: number
  /** The time over which the submissions are spread. */
  seconds: number
  work: 'mixed' | 'plain'
  /** The faults: these in this order over that time, or random ones, each kind at least once. */
  faults: readonly FaultName[] | 'random'
  /**
   * A job that still waits so many seconds after the last fault is stuck. Recovery takes at most 60 s; the rest is for
   * slow machines.
   */
  patienceSeconds: number
  /**
   * Being quiet by then is one of the properties. `npm test` sets none and only prints the figure, because machines
   * differ.
   */
  quietSeconds?: number
  folder: string
  workerFile: string
}

/** The clusters that run now: whatever ends this process ends them too. */
const running: Cluster[] = []

/** Stops all that campaigns have started, at whatever step they were interrupted. */
export async function stopRunning(): Promise<void> {
  await Promise.all(running.map((cluster) => cluster.stop()))
}

/** Runs jobs and faults, waits until it is quiet, audits. Prints as it goes. */
export async function runCampaign(campaign: Campaign, print: (line: string) => void): Promise<Finding[]> {
  const { title, seed, jobs, seconds, folder } = campaign
  if (campaign.faults !== 'random') requirePossible(campaign.faults, campaign.backend)
  print(`\n${title}: ${jobs} jobs over ${seconds} s, seed ${seed}`)
  const random = new Random(seed)
  const cluster = new Cluster(campaign.backend, folder, campaign.workerFile)
  running.push(cluster)
  try {
    await cluster.start()
    const client = new Client(cluster.urls, random.fork('client'))
    const load = new Load(client, random.fork('people'))
    const administrators = new Administrators(client, cluster.tenants, random.fork('administrators'))
    const units =
      campaign.work === 'mixed'
        ? planMixed(random.fork('plan'), cluster.tenants, jobs)
        : planPlain(cluster.tenants, jobs)
    const faults = new FaultRunner(FAULTS, cluster, random.fork('what faults hit'), Date.now(), print)
    const over = new AbortController()
    const harm = Promise.all([
      runFaults(campaign, faults, random.fork('when faults come'), over.signal),
      campaign.work === 'mixed' ? administrators.actEvery([3, 12], over.signal) : undefined,
    ])
    await load.run(units, seconds, campaign.work === 'mixed')
    over.abort()
    await harm
    await faults.settled()
    const waiting = await untilQuiet(cluster, campaign.patienceSeconds)
    const quiet = (Date.now() - faults.lastEndedAt) / 1000
    const findings = [faults.finding(), ...(await audit(cluster, load, waiting, administrators.halts))]
    if (campaign.quietSeconds !== undefined) {
      const late = quiet > campaign.quietSeconds ? [`it took ${quiet.toFixed(1)} s`] : []
      findings.push({ property: `quiet within ${campaign.quietSeconds} s after the last fault`, violations: late })
    }
    print(await counts(cluster, load, faults.counts()))
    print(`  quiet ${quiet.toFixed(1)} s after the last fault; ${waiting.length} jobs wait with good reason`)
    const stopping = performance.now()
    await cluster.stop()
    print(`  stopped in ${((performance.now() - stopping) / 1000).toFixed(1)} s`)
    for (const { property, violations } of findings) {
      print(`  ${violations.length === 0 ? 'ok   ' : 'WRONG'} ${property}`)
      for (const violation of violations.slice(0, 20)) print(`        ${violation}`)
      if (violations.length > 20) print(`        and ${violations.length - 20} more`)
    }
    return findings
  } finally {
    await cluster.stop()
  }
}

async function runFaults(
  { faults: given, seconds, backend }: Campaign,
  faults: FaultRunner<Cluster, FaultName>,
  random: Random,
  over: AbortSignal,
): Promise<void> {
  const pause = (ms: number) => sleep(ms, undefined, { signal: over }).catch(() => undefined)
  if (given !== 'random') {
    for (const name of given) {
      await sleep((seconds * 1000) / (given.length + 1))
      faults.begin(name)
    }
    return
  }
  // Each kind comes once before any comes again. Kinds that have not come when the load is over follow half a second
  // after each other.
  const notYetBegun = random.shuffle(faultsOn(backend))
  while (!over.aborted || notYetBegun.length > 0) {
    await pause(random.int(2_000, 7_000))
    if (over.aborted && notYetBegun.length > 0) await sleep(500)
    if (!over.aborted || notYetBegun.length > 0) faults.begin(notYetBegun.pop() ?? random.pick(faultsOn(backend)))
  }
}

/** Waits until only those jobs are left that wait with good reason, and names these. */
async function untilQuiet(cluster: Cluster, seconds: number): Promise<string[]> {
  const end = performance.now() + seconds * 1000
  for (;;) {
    const left = await cluster.patiently(() => unfinishedJobs(cluster))
    if (left.every(({ legitimate }) => legitimate) || performance.now() > end)
      return left.filter(({ legitimate }) => legitimate).map(({ id }) => id)
    await sleep(250)
  }
}

async function counts(cluster: Cluster, load: Load, faults: { done: number; failed: number }): Promise<string> {
  const statuses = await cluster.db.$queryRaw<
    { status: string; jobs: number }[]
  >`SELECT status::text, count(*)::int AS jobs FROM jobs GROUP BY 1 ORDER BY 2 DESC`
  const outcomes = await cluster.db.$queryRaw<
    { outcome: string; attempts: number }[]
  >`SELECT outcome::text, count(*)::int AS attempts FROM job_attempts GROUP BY 1 ORDER BY 2 DESC`
  const starts = [...cluster.workers, ...cluster.webs].map(({ name, starts: n }) => `${name} ${n}`).join(', ')
  return [
    `  ${faults.done} faults${faults.failed > 0 ? `, and ${faults.failed} that did no harm` : ''}; ${load.accepted.size} accepted in ${load.sent} calls, ${load.rateLimited} times RATE_LIMITED, ${load.duplicates} DUPLICATE_JOB, ${load.canceled.length} cancels`,
    `  jobs: ${statuses.map(({ status, jobs }) => `${jobs} ${status}`).join(', ')}`,
    `  attempts: ${outcomes.map(({ outcome, attempts }) => `${attempts} ${outcome}`).join(', ')}`,
    `  starts: ${starts}`,
  ].join('\n')
}
