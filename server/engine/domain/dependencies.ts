import { EngineError, type FieldProblem } from './errors'
import { MAX_PARENTS } from './limits'
import { isUuid } from './uuid'

/** What a job waits for: that its parent completes, or that it ends in whatever way. */
export const DEPENDENCY_CONDITIONS = ['completed', 'ended'] as const
export type DependencyCondition = (typeof DEPENDENCY_CONDITIONS)[number]

/** A parent as a submission names it: an id or a ref, alone or with a condition. Alone it means `completed`. */
export type NamedParent = string | { job: string; on: DependencyCondition }

export const parentName = (parent: NamedParent): string => (typeof parent === 'string' ? parent : parent.job)
export const conditionOf = (parent: NamedParent): DependencyCondition =>
  typeof parent === 'string' ? 'completed' : parent.on

/** The part of a submission that names one job's parents. */
export interface DependencyInput {
  ref?: string
  /** Ids of existing jobs, or refs of jobs in the same batch. */
  dependsOn?: readonly NamedParent[]
}

/** One parent of one job: another job of the batch, or a job that exists already. */
export type Parent = ({ index: number; ref: string } | { jobId: string }) & {
  on: DependencyCondition
  /** The place in the caller's input that names the parent: `jobs[3].dependsOn[0]`. */
  path: string
}

/**
 * Maps each ref to the index of its job in the batch.
 *
 * @param at the prefix of job `index` in the caller's input: `jobs[3].`, or nothing for a single job
 * @throws EngineError INVALID_INPUT for a ref that two jobs have
 */
export function indexRefs(jobs: readonly DependencyInput[], at: (index: number) => string): Map<string, number> {
  const refs = new Map<string, number>()
  for (const [index, { ref }] of jobs.entries()) {
    if (ref === undefined) continue
    const other = refs.get(ref)
    if (other !== undefined) {
      const problem = {
        path: `${at(index)}ref`,
        // Without the dot at its end, the prefix of a job is the job's own path.
        message: `"${ref}" is also the ref of ${at(other).slice(0, -1)}. Give each job its own.`,
      }
      throw new EngineError('INVALID_INPUT', `${problem.path}: ${problem.message}`, { fields: [problem] })
    }
    refs.set(ref, index)
  }
  return refs
}

/**
 * The parents of each job of a batch. A text that is both a ref and an id counts as the ref. A parent that is named
 * twice with the same condition counts once.
 *
 * @throws EngineError INVALID_DEPENDENCY for a job that waits for itself, directly or in a circle, for too many
 * parents, for a parent that is neither a ref nor an id, or for one that is named with two conditions
 */
export function resolveParents(
  jobs: readonly DependencyInput[],
  refs: ReadonlyMap<string, number>,
  at: (index: number) => string,
): Parent[][] {
  const parents = jobs.map(({ dependsOn = [] }, index) => {
    const found = new Map<string, Parent>()
    for (const [n, given] of dependsOn.entries()) {
      const path = `${at(index)}dependsOn[${n}]`
      const name = parentName(given)
      const on = conditionOf(given)
      const inBatch = refs.get(name)
      if (inBatch === index)
        throw invalidDependency({ path, message: 'names its own job: a job cannot wait for itself.' })
      if (inBatch === undefined && !isUuid(name)) {
        throw invalidDependency({ path, message: `"${name}" is neither the id of a job nor a ref of this batch.` })
      }
      const key = inBatch === undefined ? name.toLowerCase() : `#${inBatch}`
      const known = found.get(key)
      if (known && known.on !== on)
        throw invalidDependency({
          path,
          message: `names "${name}" a second time with another condition. Name it once, with "on": "completed" or with "on": "ended".`,
        })
      if (!known)
        found.set(
          key,
          inBatch === undefined ? { jobId: name.toLowerCase(), on, path } : { index: inBatch, ref: name, on, path },
        )
    }
    if (found.size > MAX_PARENTS) {
      throw invalidDependency({
        path: `${at(index)}dependsOn`,
        message: `names ${found.size} jobs; at most ${MAX_PARENTS} are possible.`,
      })
    }
    return [...found.values()]
  })
  refuseCircles(parents, at)
  return parents
}

/**
 * Refuses jobs that wait for each other in a circle. It strikes off jobs that wait for none of the remaining ones, until
 * no more can be struck off. The jobs that are left wait in circles, or for jobs that do.
 *
 * @throws EngineError INVALID_DEPENDENCY
 */
function refuseCircles(parents: readonly Parent[][], at: (index: number) => string): void {
  const children = new Map<number, number[]>()
  const open = parents.map((list, index) => {
    const inBatch = list.flatMap((parent) => ('index' in parent ? [parent.index] : []))
    for (const parent of inBatch) children.set(parent, [...(children.get(parent) ?? []), index])
    return inBatch.length
  })
  const free = open.flatMap((count, index) => (count === 0 ? [index] : []))
  let left = parents.length
  for (let index = free.pop(); index !== undefined; index = free.pop()) {
    left--
    for (const child of children.get(index) ?? []) if (--open[child]! === 0) free.push(child)
  }
  if (left === 0) return
  // Each job that is left has a parent that is left, so following parents leads into a circle.
  const seen: number[] = []
  let index = open.findIndex((count) => count > 0)
  while (!seen.includes(index)) {
    seen.push(index)
    index = parents[index]!.flatMap((parent) =>
      'index' in parent && open[parent.index]! > 0 ? [parent.index] : [],
    )[0]!
  }
  const circle = [...seen.slice(seen.indexOf(index)), index].map((each) => at(each).slice(0, -1)).join(' → ')
  throw invalidDependency({ path: `${at(index)}dependsOn`, message: `waits for itself in a circle: ${circle}.` })
}

export function invalidDependency(problem: FieldProblem): EngineError {
  return new EngineError('INVALID_DEPENDENCY', `${problem.path}: ${problem.message}`, { fields: [problem] })
}
