import type { Json } from '../types'
import { fieldOf, jobsText, lengthOf, numberOf, shortId, targetName, type AuditFacts } from './entry'
import { changeText } from './settings'

// Pieces of which the sentences of the audit are made (actions.ts).

/** The target's name, or its kind where it has none. */
export const target = (facts: AuditFacts): string =>
  targetName(facts) ?? `${facts.targetType} ${shortId(facts.targetId)}`
export const role = (value: Json | undefined): string => String(fieldOf(value, 'role') ?? 'a role')
export const textOf = (value: Json, field: string, otherwise: string): string => {
  const found = fieldOf(value, field)
  return typeof found === 'string' || typeof found === 'number' ? String(found) : otherwise
}
export const shareOf = (value: Json, part: string, all: string) =>
  `${numberOf(fieldOf(value, part)).toLocaleString('en')} of ${numberOf(fieldOf(value, all)).toLocaleString('en')}`

/** What somebody asks an admin for. */
export function requested({ after }: AuditFacts): string {
  const matched = fieldOf(after, 'matched')
  const jobs = typeof matched === 'number' ? jobsText(matched) : 'jobs'
  const type = textOf(after, 'jobType', 'the organization')
  const kinds: Record<string, string> = {
    CANCEL: `cancel ${jobs}`,
    RETRY: `retry ${jobs}`,
    DELETE: `delete ${jobs}`,
    PAUSE: `pause ${type}`,
    RESUME: `let ${type} go on`,
    CLOSE_CIRCUIT: `close the circuit of ${type}`,
    CHANGE_JOB: 'change a job',
    CHANGE_LIMIT: `change the limit of ${type}`,
  }
  const kind = textOf(after, 'kind', '')
  return Object.hasOwn(kinds, kind) ? kinds[kind]! : 'do something'
}

/** " of Bob", where the entry says who asked. */
export function askedBy({ after }: AuditFacts): string {
  const name = nameOfAsker(after)
  return name ? ` of ${name}` : ''
}

function nameOfAsker(after: Json): string | null {
  const name = fieldOf(fieldOf(after, 'askedBy'), 'name')
  return typeof name === 'string' && name !== '' ? name : null
}

const VERB: Record<string, string> = {
  CANCEL: 'canceling',
  RETRY: 'retrying',
  DELETE: 'deleting',
  BACKFILL: 'backfilling',
}

/**
 * Jobs that were changed by one call, or that a bulk action in the background is to change.
 * @param list the field of the entry that lists the changed jobs
 */
export const wordsOfManyJobs =
  (verb: string, done: string, list: string) =>
  ({ targetType, after }: AuditFacts): string => {
    const changed = fieldOf(after, list)
    if (targetType === 'bulk' && changed === undefined)
      return `began to ${verb} ${jobsText(numberOf(fieldOf(after, 'matched')))}`
    const parts = fieldOf(after, 'parts')
    // Before parts were numbered, an entry of a part named its bulk action, and one of a small action did not.
    const isPart = parts === undefined ? fieldOf(after, 'bulkId') !== undefined : numberOf(parts) > 1
    const count = isPart
      ? `${lengthOf(changed).toLocaleString('en')} of ${jobsText(numberOf(fieldOf(after, 'matched')))}`
      : jobsText(lengthOf(changed))
    const by = nameOfAsker(after)
    return `${done} ${count}${by ? `, as ${by} asked` : ''}`
  }

export const bulkJobs = (after: Json, changed: 'changed' | 'processed') =>
  `${numberOf(fieldOf(after, changed)).toLocaleString('en')} of ${jobsText(numberOf(fieldOf(after, 'matched')))}`

/** What a bulk action does: "canceling". */
export const bulkVerb = (after: Json) => VERB[String(fieldOf(after, 'action'))] ?? 'changing'

export function jobTypeChange(facts: AuditFacts): string {
  const { before, after, targetId } = facts
  const [was, is] = [fieldOf(before, 'enabled'), fieldOf(after, 'enabled')]
  // Each change of a job type makes a new version, so `version` is in every entry.
  const others = Object.keys(Object(after) as object).filter((field) => field !== 'version' && field !== 'enabled')
  if (typeof was === 'boolean' && typeof is === 'boolean' && was !== is && others.length === 0)
    return `${is ? 'enabled' : 'disabled'} the job type ${targetId}`
  return changeText('jobType', targetId, before, after)
}

export function scheduleChange(facts: AuditFacts): string {
  const { before, after } = facts
  const [was, is] = [fieldOf(before, 'enabled'), fieldOf(after, 'enabled')]
  const others = Object.keys(Object(after) as object).filter((field) => field !== 'enabled')
  if (typeof was === 'boolean' && typeof is === 'boolean' && was !== is && others.length === 0)
    return `switched the schedule ${target(facts)} ${is ? 'on' : 'off'}`
  return changeText('schedule', `the schedule ${target(facts)}`, before, after)
}

export function alertChange(facts: AuditFacts): string {
  const { before, after } = facts
  const [was, is] = [fieldOf(before, 'enabled'), fieldOf(after, 'enabled')]
  const others = Object.keys(Object(after) as object).filter((field) => field !== 'enabled')
  if (typeof was === 'boolean' && typeof is === 'boolean' && was !== is && others.length === 0)
    return `switched the alert rule ${target(facts)} ${is ? 'on' : 'off'}`
  return changeText('alert', `the alert rule ${target(facts)}`, before, after)
}

export function organizationChange(facts: AuditFacts): string {
  const { before, after } = facts
  const [was, is] = [fieldOf(before, 'name'), fieldOf(after, 'name')]
  if (typeof was === 'string' && typeof is === 'string' && Object.keys(Object(after) as object).length === 1)
    return `renamed ${was} to ${is}`
  return changeText('organization', target(facts), before, after)
}
