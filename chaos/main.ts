import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { buildChaosWorker } from './build-worker.mjs'
import { runCampaign, stopRunning, type Campaign } from './campaign'
import type { Backend } from './cluster'
import { FAULTS, faultsOn, requirePossible, type FaultName } from './faults'

// Started by chaos/command.mjs in a built copy of the clone: `main.ts <folder> [options]`.

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    jobs: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    backend: { type: 'string', default: 'both' },
    seconds: { type: 'string' },
    /** Names of faults, separated by commas, instead of random ones. */
    faults: { type: 'string' },
    short: { type: 'boolean', default: false },
    /** Seconds (`patienceSeconds` in campaign.ts). */
    patience: { type: 'string', default: '180' },
    /** A file for the figures at the end, which `npm test` reads. */
    report: { type: 'string' },
  },
})
const [folder = ''] = positionals
const print = (line: string) => process.stdout.write(`${line}\n`)

/** One of each except a frozen Redis, in an order in which each still meets work. */
const ONE_OF_EACH: readonly FaultName[] = [
  'kill a worker',
  'cut connections',
  'freeze a worker past its leases',
  'empty the queue’s store',
  'restart Redis',
  'kill a web process',
  'freeze a worker',
  'restart PostgreSQL',
  'freeze a web process',
]
/** Six faults, which come within 15 s. */
const SIX: readonly FaultName[] = [
  'kill a worker',
  'empty the queue’s store',
  'cut connections',
  'kill a worker',
  'freeze a worker',
  'restart PostgreSQL',
]

type Planned = Omit<Campaign, 'workerFile' | 'patienceSeconds'>

function campaigns(): Planned[] {
  const seed = wholeNumber('seed', options.seed)
  const plain = (backend: Backend) =>
    ({
      title: `150 ms under six faults on ${backend}`,
      backend,
      seed,
      jobs: 300,
      // A fault comes each 2.5 s, and the load goes on for as long after the last.
      seconds: 17.5,
      work: 'plain',
      faults: SIX,
      folder: path.join(folder, `plain-${backend}`),
    }) as const
  if (options.short) {
    // Both backends in each run. The seed says which of them gets the mixed work, so in time each gets both kinds.
    const [first, second] = seed % 2 === 0 ? (['postgres', 'redis'] as const) : (['redis', 'postgres'] as const)
    const mixed = {
      title: `mixed work on ${first}`,
      backend: first,
      seed,
      jobs: 500,
      seconds: 22,
      work: 'mixed',
      faults: ONE_OF_EACH.filter((name) => faultsOn(first).includes(name)),
      folder: path.join(folder, `mixed-${first}`),
    } as const
    return [mixed, plain(second)]
  }
  const jobs = wholeNumber('jobs', options.jobs)
  const seconds = wholeNumber('seconds', options.seconds ?? String(Math.max(20, Math.round(jobs / 50))))
  return backends().flatMap((backend): Planned[] => [
    {
      title: `mixed work on ${backend}`,
      backend,
      seed,
      jobs,
      seconds,
      work: 'mixed',
      faults: chosenFaults(),
      folder: path.join(folder, `mixed-${backend}`),
    },
    { ...plain(backend), quietSeconds: 60 },
  ])
}

function backends(): Backend[] {
  if (options.backend === 'both') return ['redis', 'postgres']
  if (options.backend === 'redis' || options.backend === 'postgres') return [options.backend]
  throw new Error('--backend must be redis, postgres or both')
}

function chosenFaults(): Campaign['faults'] {
  if (!options.faults) return 'random'
  const names = options.faults.split(',').map((name) => {
    if (!Object.hasOwn(FAULTS, name))
      throw new Error(`there is no fault "${name}"; there are ${Object.keys(FAULTS).join(', ')}`)
    return name as FaultName
  })
  for (const backend of backends()) requirePossible(names, backend)
  return names
}

function wholeNumber(name: string, text: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new Error(`--${name} must be a whole number above 0, not "${text}"`)
  return Number(text)
}

// 130 is what a shell says of a command that Ctrl-C ended.
const leave = (code: number) => void stopRunning().finally(() => process.exit(code))
process.on('SIGTERM', () => leave(130))
process.on('SIGINT', () => leave(130))
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.once(event, (error: unknown) => {
    print(`The campaign broke: ${error instanceof Error ? error.stack : String(error)}`)
    leave(1)
  })
}

// Planned before anything is built, so that a wrong option is told at once.
const planned = campaigns()
const total = { passed: 0, failed: 0 }
const wrong: string[] = []
const workerFile = path.join(await buildChaosWorker(), 'worker.mjs')

async function run(campaign: Planned, say: (line: string) => void): Promise<void> {
  mkdirSync(campaign.folder, { recursive: true, mode: 0o711 })
  for (const { property, violations } of await runCampaign(
    { ...campaign, workerFile, patienceSeconds: wholeNumber('patience', options.patience) },
    say,
  )) {
    total[violations.length === 0 ? 'passed' : 'failed']++
    if (violations.length > 0) wrong.push(`${campaign.title}: ${property}`)
  }
}

if (options.short) {
  // Both at once: most of the time is waiting for leases to run out. Each is told as a whole.
  await Promise.all(
    planned.map(async (campaign) => {
      const lines: string[] = []
      await run(campaign, (line) => lines.push(line)).finally(() => print(lines.join('\n')))
    }),
  )
} else {
  for (const campaign of planned) await run(campaign, print)
}
const note = `seed ${options.seed}${wrong.length > 0 ? ` · ${wrong.join('; ')}` : ''}`
if (options.report) writeFileSync(options.report, JSON.stringify({ ...total, note }))
print(`\n${total.passed} passed, ${total.failed} failed · ${note}`)
process.exit(total.failed > 0 ? 1 : 0)
