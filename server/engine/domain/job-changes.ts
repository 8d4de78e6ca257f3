import { canonicalStoredJson } from './canonical-json'
import type { JobPriority, Json } from './types'

/** The fields of a waiting job that can be changed. */
export interface JobChanges {
  priority?: JobPriority
  /** When the job may run. For a job that waits for its retry, when the retry starts. A time in the past means now. */
  runAt?: Date
  parameters?: unknown
  maxRetries?: number
  timeoutSeconds?: number
}

/** The same fields of a job, before or after the change. */
export interface Amendable {
  priority: JobPriority
  /** When the job may run, or when its retry starts: `runAt` above. */
  due: Date
  parameters: Json
  maxRetries: number
  timeoutSeconds: number
}

/** The largest number of names in a message. */
const NAMED = 10

const sameJson = (a: Json, b: Json): boolean => canonicalStoredJson(a) === canonicalStoredJson(b)

/** The wishes that differ from how the job is. */
export function realChanges(before: Amendable, wishes: Partial<Amendable>): Partial<Amendable> {
  const { priority, due, parameters, maxRetries, timeoutSeconds } = wishes
  return {
    ...(priority !== undefined && priority !== before.priority && { priority }),
    ...(due !== undefined && due.getTime() !== before.due.getTime() && { due }),
    ...(maxRetries !== undefined && maxRetries !== before.maxRetries && { maxRetries }),
    ...(timeoutSeconds !== undefined && timeoutSeconds !== before.timeoutSeconds && { timeoutSeconds }),
    ...(parameters !== undefined && !sameJson(parameters, before.parameters) && { parameters }),
  }
}

/**
 * The history's text for a change: "Changed priority from NORMAL to HIGH, parameters (order)". Of parameters it gives
 * only the names, because values may be secrets.
 *
 * @param isRetry true for a job that waits for its retry: its due time is then called that of the next retry
 */
export function describeChanges(before: Amendable, changes: Partial<Amendable>, isRetry: boolean): string {
  const parts: string[] = []
  const { priority, due, parameters, maxRetries, timeoutSeconds } = changes
  if (priority !== undefined) parts.push(`priority from ${before.priority} to ${priority}`)
  if (due !== undefined)
    parts.push(`${isRetry ? 'next retry' : 'run time'} from ${before.due.toISOString()} to ${due.toISOString()}`)
  if (maxRetries !== undefined) parts.push(`retries from ${before.maxRetries} to ${maxRetries}`)
  if (timeoutSeconds !== undefined) parts.push(`timeout from ${before.timeoutSeconds} s to ${timeoutSeconds} s`)
  if (parameters !== undefined) {
    const names = changedNames(before.parameters, parameters)
    const listed = names.slice(0, NAMED).join(', ') + (names.length > NAMED ? ` and ${names.length - NAMED} more` : '')
    parts.push(listed === '' ? 'parameters' : `parameters (${listed})`)
  }
  return `Changed ${parts.join(', ')}`
}

/** Names of members that only one of the two objects has, or that differ between them. */
function changedNames(before: Json, after: Json): string[] {
  if (!isObject(before) || !isObject(after)) return []
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter(
      (name) => !(Object.hasOwn(before, name) && Object.hasOwn(after, name) && sameJson(before[name]!, after[name]!)),
    )
    .map((name) => name.slice(0, 100))
    .sort()
}

const isObject = (value: Json): value is { [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
