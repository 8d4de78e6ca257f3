import { jsonPath } from './canonical-json'
import type { FieldProblem } from './errors'
import { faultsOf, fitsSchema, MOST_FAULTS } from './json-schema/evaluate'
import { CheckTooLong, Meter, NO_LIMIT, type Work } from './json-schema/meter'
import { prepare } from './json-schema/prepared'
import type { Fault } from './json-schema/walker'
import { describeFault, type Problem } from './parameter-messages'
import { isObject } from './schema-walk'
import type { Json } from './types'

// Checks parameters against the schema of their job type. "Where everybody waits" is the thread of a process that answers
// all its callers. A check that takes more work than is allowed there goes to a thread of its own (server/engine/checking/).

export { longestOf } from './json-schema/formats'
export { CheckTooLong, Meter, NO_LIMIT, type Work }

/**
 * The work that a check of one job may do where everybody waits. A real job needs less. The steps take 2 ms at worst, and
 * compiling the patterns 16 ms.
 */
const AT_ONCE: Work = { steps: 5_000, compiling: 4_000 }
/** How many steps each further job of one call adds to that. An ordinary job takes 20 to 100. */
const STEPS_FOR_EACH_JOB = 250
/** The longest parameters, in bytes of JSON, that are checked where everybody waits. */
export const SMALL_BYTES = 16_384

/**
 * The work that a call may do where everybody waits, over all of its jobs. Beyond it a check belongs where its thread
 * can be ended.
 */
export const workAtOnce = (jobs: number): Work => ({
  steps: AT_ONCE.steps + (jobs - 1) * STEPS_FOR_EACH_JOB,
  compiling: AT_ONCE.compiling,
})

/**
 * Checks one job of a call, in so short a time that nobody else notices. It may take no more than a call of one job.
 * @param left what the call may still do. What the check took is taken off
 * @throws CheckTooLong
 */
export function withinWork<T>(left: Work, check: (meter: Meter) => T): T {
  const most = Math.min(left.steps, AT_ONCE.steps)
  const own = { steps: most, compiling: left.compiling }
  try {
    return check(new Meter(own, false))
  } finally {
    left.steps -= most - own.steps
    left.compiling = own.compiling
  }
}

/** A meter for a check of one job where everybody waits. */
export const smallMeter = (): Meter => new Meter(workAtOnce(1), false)

/** What is said of parameters whose check took too long. */
export const tooLong = (root = 'parameters'): FieldProblem => ({
  path: root,
  message:
    'cannot be checked against the schema of the job type: that would take too long. Send less in one job, or have the schema made simpler',
})

/**
 * Whether parameters fit their job type's JSON Schema (draft 2020-12, formats included): what is
 * wrong, field by field, and what would be right; empty when they fit. Interprets the schema, so that
 * it also runs under a Content-Security-Policy without `unsafe-eval`. The schema must have passed
 * `checkParameterSchema`.
 *
 * @throws CheckTooLong where the meter ran out: nothing is known then.
 */
export function checkParameters(schema: Json, parameters: Json, meter: Meter, root = 'parameters'): FieldProblem[] {
  return problemsIn(schema, parameters, meter).map(({ keys, message }) => ({
    path: jsonPath(root, keys),
    message,
  }))
}

function problemsIn(schema: Json, parameters: Json, meter: Meter): Problem[] {
  if (schema === true) return []
  if (!isObject(schema)) return uncheckable('the job type has no valid parameter schema')
  try {
    return tidy(rawFaults(schema, parameters, meter).flatMap(problemsOf))
  } catch (error) {
    if (error instanceof CheckTooLong) throw error
    // A schema that was accepted long ago and would be refused today, such as one with a reference that leads nowhere.
    return uncheckable('the parameter schema of the job type is broken')
  }
}

const uncheckable = (why: string): Problem[] => [{ keys: [], message: `cannot be checked: ${why}`, weight: 0 }]

/**
 * The faults themselves, for callers that put them into words of their own.
 * @throws CheckTooLong
 */
export function rawFaults(schema: Json & object, parameters: Json, meter: Meter): Fault[] {
  if (!isObject(schema)) return []
  try {
    const prepared = prepare(schema)
    // Nearly every submission fits, and that is quick to say.
    return fitsSchema(prepared, parameters, meter) ? [] : faultsOf(prepared, parameters, meter)
  } catch (error) {
    // The walk recurses: what overflows the stack has no answer.
    if (error instanceof RangeError) throw new CheckTooLong('nested too deep')
    throw error
  }
}

/** A fault in words; of a union, the faults of the branch that was meant, where that is clear. */
function problemsOf(fault: Fault): Problem[] {
  const meant = intendedBranch(fault)
  return meant ? meant.flatMap(problemsOf) : [describeFault(fault)]
}

/**
 * Which form of a union was meant: the only one whose type and constants the value has. Undefined when
 * that is not clear; then the union is reported as a whole.
 */
export function intendedBranch({ branches, keys }: Fault): Fault[] | undefined {
  const meant = (branches ?? []).filter((faults) => !faults.some((fault) => rulesOut(fault, keys.length)))
  return meant.length === 1 ? meant[0] : undefined
}

/**
 * Whether a fault says that its branch was not meant: the value's own type is another, or a constant in it or of one of
 * its fields.
 */
function rulesOut({ keyword, keys }: Fault, depth: number): boolean {
  if (keyword === 'type') return keys.length === depth
  return (keyword === 'const' || keyword === 'enum') && keys.length <= depth + 1
}

/** Sorted by place, each fault once, only the most telling ones of a field, at most 20. */
function tidy(problems: readonly Problem[]): Problem[] {
  return byPlace(problems)
    .flatMap(mostTelling)
    .sort((a, b) => compareKeys(a.keys, b.keys) || (a.message < b.message ? -1 : 1))
    .slice(0, MOST_FAULTS)
}

/** The problems of each place, each message once. */
function byPlace(problems: readonly Problem[]): Problem[][] {
  const places = new Map<string, Problem[]>()
  for (const problem of problems) {
    const place = JSON.stringify(problem.keys)
    const here = places.get(place) ?? []
    if (!here.some(({ message }) => message === problem.message)) here.push(problem)
    places.set(place, here)
  }
  return [...places.values()]
}

/** A value of the wrong type is also too short, too small, and so on: that says nothing more. */
function mostTelling(here: readonly Problem[]): Problem[] {
  const weight = Math.max(...here.map((problem) => problem.weight))
  return here.filter((problem) => problem.weight === weight)
}

function compareKeys(a: readonly (string | number)[], b: readonly (string | number)[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [left, right] = [a[i]!, b[i]!]
    if (left === right) continue
    if (typeof left === 'number' && typeof right === 'number') return left - right
    return String(left) < String(right) ? -1 : 1
  }
  return a.length - b.length
}
