import { parseArgs } from 'node:util'

/**
 * What can be measured. The ones with `named` take long or compare Jobyard with itself alone, so they run only where
 * they are named. `web`: it needs a built copy of the clone. `peers`: it needs other job engines. `kept`: it
 * needs a server whose data are kept for the next run.
 * @type {Readonly<Record<string, { named?: true, web?: true, peers?: true, kept?: true }>>}
 */
export const PARTS = {
  throughput: { peers: true },
  latency: {},
  kinds: {},
  held: {},
  organizations: {},
  long: {},
  http: { web: true },
  'hard-input': { web: true },
  watchers: { web: true },
  bulk: {},
  'hard-bodies': { named: true, web: true },
  'hard-floods': { named: true, web: true },
  'hard-schemas': { named: true, web: true },
  reports: { named: true },
  'import-csv': { named: true },
  uploads: { named: true, web: true },
  million: { named: true, web: true, kept: true },
  growth: { named: true },
  limits: { named: true },
  'under-load': { named: true },
  'long-transaction': { named: true },
}

/** What `--help` and every refusal say. */
export const USAGE = `npm run bench -- [--only PARTS] [--jobs N] [--rounds N] [--seconds N] [--million] [--json]
PARTS, with commas: ${Object.keys(PARTS).join(', ')}`

/**
 * The options of the bench. They are looked at before anything is built: a wrong one would otherwise be found minutes
 * later, or would measure nothing.
 * @param {string[]} args
 * @throws {Error} that says which option is wrong
 */
export function benchOptions(args) {
  const text = /** @type {const} */ ({ type: 'string' })
  const flag = /** @type {const} */ ({ type: 'boolean', default: false })
  const { values } = parseArgs({
    args,
    options: { only: text, jobs: text, rounds: text, seconds: text, json: flag, million: flag },
  })
  const only = values.only?.split(',').map((part) => part.trim())
  const unknown = only?.filter((part) => !Object.hasOwn(PARTS, part))
  if (unknown?.length) throw new Error(`There is no part "${unknown[0]}".`)
  const parts = only ?? Object.keys(PARTS).filter((part) => !PARTS[part]?.named)
  return {
    parts,
    jobs: wholeNumber('--jobs', values.jobs ?? '20000'),
    rounds: wholeNumber('--rounds', values.rounds ?? '1'),
    seconds: wholeNumber('--seconds', values.seconds ?? '60'),
    json: values.json,
    million: values.million,
    needsWeb: parts.some((part) => PARTS[part]?.web),
    needsKept: parts.some((part) => PARTS[part]?.kept),
    needsPeers: parts.some((part) => PARTS[part]?.peers),
  }
}

/** @param {string} option @param {string} given */
function wholeNumber(option, given) {
  if (!/^[1-9]\d{0,8}$/.test(given)) throw new Error(`${option} must be a whole number from 1 on. "${given}" is none.`)
  return Number(given)
}
