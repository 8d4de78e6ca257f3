import type { Json } from '../types'
import { fieldOf } from './entry'

// Says in words what an act changed of a job type, an organization, a schedule or an alert rule.

/** A setting as a sentence names it: "the timeout". Without `said`, its values are too long for a sentence. */
interface Setting {
  noun: string
  said?: (value: Json) => string
}

const plainText = (value: Json) => (typeof value === 'string' ? value : JSON.stringify(value))
const limitText = (value: Json) =>
  value === null ? 'no limit' : typeof value === 'number' ? value.toLocaleString('en') : plainText(value)
const secondsText = (value: Json) => `${plainText(value)} s`
const daysText = (value: Json) => (value === 1 ? '1 day' : `${plainText(value)} days`)
const rate = (value: Json) =>
  value === null
    ? 'no limit'
    : `${plainText(fieldOf(value, 'count') ?? null)} in ${plainText(fieldOf(value, 'windowSeconds') ?? null)} s`

/** The settings of job types (rule 2). A name with a dot is a field inside a setting. */
const JOB_TYPE: Record<string, Setting> = {
  'concurrency.global': { noun: 'limit', said: limitText },
  'concurrency.perOrganization': { noun: 'limit in each organization', said: limitText },
  rateLimit: { noun: 'rate limit', said: rate },
  timeoutSeconds: { noun: 'timeout', said: secondsText },
  priority: { noun: 'priority', said: plainText },
  maxRetries: { noun: 'retries', said: plainText },
  backoffBaseSeconds: { noun: 'first wait before a retry', said: secondsText },
  backoffCapSeconds: { noun: 'longest wait before a retry', said: secondsText },
  dedupeWindowSeconds: { noun: 'time in which equal jobs are refused', said: secondsText },
  retentionDays: { noun: 'retention', said: daysText },
  requiredRole: { noun: 'needed role', said: plainText },
  enabled: { noun: 'taking of jobs', said: (value) => (value === true ? 'on' : 'off') },
  handler: { noun: 'handler', said: plainText },
  pool: { noun: 'worker pool', said: plainText },
  displayName: { noun: 'display name', said: plainText },
  description: { noun: 'description' },
  title: { noun: 'title of jobs' },
  parameterSchema: { noun: 'parameters' },
}

/** The settings of organizations (rule 2). */
const ORGANIZATION: Record<string, Setting> = {
  maxConcurrent: { noun: 'limit of running jobs', said: limitText },
  maxUnfinished: { noun: 'limit of unfinished jobs', said: limitText },
  name: { noun: 'name', said: plainText },
  slug: { noun: 'short name', said: plainText },
  timeZone: { noun: 'time zone', said: plainText },
}

/** The settings of schedules (rule 4.27). */
const SCHEDULE: Record<string, Setting> = {
  cron: { noun: 'times', said: plainText },
  timeZone: { noun: 'time zone', said: plainText },
  jobType: { noun: 'job type', said: plainText },
  name: { noun: 'name', said: plainText },
  priority: { noun: 'priority', said: (value) => (value === null ? 'that of the job type' : plainText(value)) },
  missed: { noun: 'rule for missed runs' },
  overlap: { noun: 'rule for overlaps', said: plainText },
  jitterSeconds: { noun: 'spread', said: secondsText },
  startAt: { noun: 'start' },
  endAt: { noun: 'end' },
  enabled: { noun: 'state' },
  parameters: { noun: 'parameters' },
}

/** The settings of alert rules (rule 4.50). */
const ALERT: Record<string, Setting> = {
  name: { noun: 'name', said: plainText },
  condition: { noun: 'condition', said: plainText },
  targets: { noun: 'targets' },
  quietHours: { noun: 'quiet hours' },
  enabled: { noun: 'state' },
}
const SETTINGS = { jobType: JOB_TYPE, organization: ORGANIZATION, schedule: SCHEDULE, alert: ALERT }

/** More settings than this are counted instead of named. */
const NAMED = 3

/**
 * What an act changed of one of these: "set report.monthly's limit from 2 to 5", "changed report.monthly's timeout and
 * description", "changed 5 settings of report.monthly".
 */
export function changeText(kind: keyof typeof SETTINGS, owner: string, before: Json, after: Json): string {
  const changed = changedSettings(SETTINGS[kind], before, after)
  const [only] = changed
  if (only && changed.length === 1 && only.said)
    return `set ${owner}'s ${only.noun} from ${only.said(only.from)} to ${only.said(only.to)}`
  if (changed.length === 0) return `changed ${owner}`
  if (changed.length > NAMED) return `changed ${changed.length} settings of ${owner}`
  const nouns = changed.map(({ noun }) => noun)
  return `changed ${owner}'s ${[nouns.slice(0, -1).join(', '), nouns.at(-1)].filter(Boolean).join(' and ')}`
}

/** A setting that an entry does not hold on both sides counts as unchanged. */
function changedSettings(settings: Record<string, Setting>, before: Json, after: Json) {
  return Object.entries(settings).flatMap(([path, setting]) => {
    const [from, to] = [valueAt(before, path), valueAt(after, path)]
    return from === undefined || to === undefined || JSON.stringify(from) === JSON.stringify(to)
      ? []
      : [{ ...setting, from, to }]
  })
}

const valueAt = (value: Json, path: string): Json | undefined =>
  path.split('.').reduce<Json | undefined>((inner, field) => fieldOf(inner, field), value)
