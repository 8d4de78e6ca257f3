import type { inferRouterOutputs } from '@trpc/server'
import type { AppRouter } from '@/server/api/root'

// What the graph of a job tells, apart from how it is drawn.

export type Graph = inferRouterOutputs<AppRouter>['jobs']['graph']
export type GraphNode = Graph['jobs'][number]

/** The jobs that are linked with a job in one direction, by its id. */
export type Links = (id: string) => string[]

/** The jobs that a job waits for directly. */
export const parentsIn = (edges: Graph['edges']): Links =>
  grouped(edges.map(({ parentId, childId }) => [childId, parentId]))

/** The jobs that wait for a job directly. */
export const childrenIn = (edges: Graph['edges']): Links =>
  grouped(edges.map(({ parentId, childId }) => [parentId, childId]))

/** Groups pairs by their first member. The result gives the second members for a first one. */
export function grouped(pairs: readonly (readonly [string, string])[]): Links {
  const links = new Map<string, string[]>()
  for (const [one, other] of pairs) {
    const known = links.get(one)
    if (known) known.push(other)
    else links.set(one, [other])
  }
  return (id) => links.get(id) ?? []
}

/**
 * The jobs that one job waits for, and those that wait for it, the nearest first. `direct` tells whether they are linked
 * with it directly.
 */
export function sidesOf(
  { jobs, edges }: Graph,
  jobId: string,
): Record<'waitsFor' | 'waitedForBy', (GraphNode & { direct: boolean })[]> {
  const byId = new Map(jobs.map((job) => [job.id, job]))
  const reachable = (next: Links) => {
    const found = new Map<string, boolean>()
    let level = next(jobId)
    for (let direct = true; level.length > 0; direct = false) {
      const fresh = [...new Set(level)].filter((id) => id !== jobId && !found.has(id))
      for (const id of fresh) found.set(id, direct)
      level = fresh.flatMap(next)
    }
    return [...found].flatMap(([id, direct]) => (byId.has(id) ? [{ ...byId.get(id)!, direct }] : []))
  }
  return { waitsFor: reachable(parentsIn(edges)), waitedForBy: reachable(childrenIn(edges)) }
}

/**
 * The time, in milliseconds, at which a job stopped waiting for its parents: when the last of its direct parents
 * completed, or ended where that is enough. Null where one has not yet, was deleted, or where there is none. Null also
 * where the graph does not show all parents.
 */
export function parentsDoneAt(graph: Graph | undefined, jobId: string): number | null {
  if (!graph || graph.capped) return null
  const waitsFor = new Map(
    graph.edges.filter(({ childId }) => childId === jobId).map(({ parentId, on }) => [parentId, on]),
  )
  const ends = graph.jobs
    .filter(({ id }) => waitsFor.has(id))
    .map(({ id, job }) => (job && (job.status === 'COMPLETED' || waitsFor.get(id) === 'ended') ? job.finishedAt : null))
  return ends.length === 0 || ends.includes(null) ? null : Math.max(...ends.map((at) => Date.parse(at!)))
}

/** The titles of all jobs of the graph that still exist, by their ids. */
export const titlesOf = (graph: Graph | undefined): ReadonlyMap<string, string> =>
  new Map(graph?.jobs.flatMap(({ id, job }) => (job ? [[id, job.title] as const] : [])))
