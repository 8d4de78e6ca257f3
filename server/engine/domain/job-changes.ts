import { canonicalStoredJson } from './canonical-json'
import type { JobPriority, Json } from './types'

/** What of a waiting job can be changed. */
export interface JobChanges {
  priority?: JobPriority
  /** When it may run; where it waits for its retry, when that starts. A time that has passed means now. */
  runAt?: Date
  parameters?: unknown
  maxRetries?: number
  timeoutSeconds?: number
}

/** The same, of a job as it is or as it shall be. */
export interface Amendable {
  priority: JobPriority
  due: Date
  parameters: Json
  maxRetries: number
  timeoutSeconds: number
}

/** Most names that a message lists. */
const NAMED = 10

const sameJson = (a: Json, b: Json): boolean => canonicalStoredJson(a) === canonicalStoredJson(b)

/** Those of the wishes that would change something. */
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
 * What the history says of a change: "Changed priority from NORMAL to HIGH, parameters (order)". Of
 * parameters only names, as values may be secrets.
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

/** Members of either object that the other has not, or has differently. */
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
