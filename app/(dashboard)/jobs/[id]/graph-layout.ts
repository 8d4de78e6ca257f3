import type { inferRouterOutputs } from '@trpc/server'
import type { AppRouter } from '@/server/api/root'

export type Graph = inferRouterOutputs<AppRouter>['jobs']['graph']
export type GraphNode = Graph['jobs'][number]

export const NODE = { width: 176, height: 38 }

export interface Layout {
  nodes: (GraphNode & { x: number; y: number })[]
  /** `on` is what the job on the right waits for. */
  edges: { from: string; to: string; on: Graph['edges'][number]['on']; path: string }[]
  width: number
  height: number
}

const GAP = { column: 56, row: 12 }
const MARGIN = 8
/** How often the jobs of each column are sorted by their neighbours. More often changes little. */
const SWEEPS = 4

/**
 * Places the jobs of a graph in columns. A job stands to the right of all jobs that it waits for. Within a column, jobs
 * stand close to those that they are linked with. For a thousand jobs it takes milliseconds
 * (docs/decisions/0074-graph-of-dependencies.md).
 */
export function layoutOf({ jobs, edges }: Graph): Layout {
  const parents = linksOf(edges, 'childId', 'parentId')
  const children = linksOf(edges, 'parentId', 'childId')
  const columns = inColumns(jobs, parents, children)
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const forward = sweep % 2 === 0
    const rank = new Map<string, number>()
    for (const column of forward ? columns : [...columns].reverse()) {
      const links = forward ? parents : children
      const wish = new Map(
        column.map((id, i) => [
          id,
          mean(
            links(id).flatMap((one) => rank.get(one) ?? []),
            i,
          ),
        ]),
      )
      column.sort((a, b) => wish.get(a)! - wish.get(b)!)
      // A share of the column's height, so that columns of different lengths can be compared.
      column.forEach((id, i) => rank.set(id, (i + 0.5) / column.length))
    }
  }
  const pitch = { x: NODE.width + GAP.column, y: NODE.height + GAP.row }
  const tallest = Math.max(...columns.map((column) => column.length))
  const places = new Map(
    columns.flatMap((column, x) =>
      column.map((id, y) => [
        id,
        {
          x: MARGIN + NODE.width / 2 + x * pitch.x,
          y: MARGIN + NODE.height / 2 + (y + (tallest - column.length) / 2) * pitch.y,
        },
      ]),
    ),
  )
  const at = (id: string) => places.get(id)!
  return {
    nodes: jobs.map((job) => ({ ...job, ...at(job.id) })),
    edges: edges.map(({ parentId, childId, on }) => ({
      from: parentId,
      to: childId,
      on,
      path: curve(at(parentId), at(childId)),
    })),
    width: 2 * MARGIN + columns.length * pitch.x - GAP.column,
    height: 2 * MARGIN + tallest * pitch.y - GAP.row,
  }
}

type Links = (id: string) => string[]

/**
 * Puts each job one column to the right of the last job that it waits for. A job that waits for nothing stands just
 * left of its first child.
 */
function inColumns(jobs: Graph['jobs'], parents: Links, children: Links): string[][] {
  const column = new Map<string, number>()
  const open = new Map(jobs.map(({ id }) => [id, parents(id).length]))
  const free = jobs.filter(({ id }) => open.get(id) === 0).map(({ id }) => id)
  for (let next = free.shift(); next !== undefined; next = free.shift()) {
    column.set(next, Math.max(-1, ...parents(next).map((id) => column.get(id) ?? -1)) + 1)
    for (const child of children(next)) {
      open.set(child, open.get(child)! - 1)
      if (open.get(child) === 0) free.push(child)
    }
  }
  const columns: string[][] = []
  for (const { id } of jobs) {
    const first = Math.min(...children(id).map((child) => column.get(child) ?? 0))
    const own = parents(id).length === 0 && isFinite(first) ? Math.max(0, first - 1) : (column.get(id) ?? 0)
    ;(columns[own] ??= []).push(id)
  }
  return columns.filter((one) => one !== undefined)
}

const mean = (values: readonly number[], otherwise: number) =>
  values.length === 0 ? otherwise : values.reduce((sum, value) => sum + value, 0) / values.length

function linksOf(edges: Graph['edges'], from: 'parentId' | 'childId', to: 'parentId' | 'childId'): Links {
  const links = new Map<string, string[]>()
  for (const edge of edges) {
    const known = links.get(edge[from])
    if (known) known.push(edge[to])
    else links.set(edge[from], [edge[to]])
  }
  return (id) => links.get(id) ?? []
}

function curve(from: { x: number; y: number }, to: { x: number; y: number }): string {
  const [x1, x2] = [from.x + NODE.width / 2, to.x - NODE.width / 2]
  const bend = Math.max(20, (x2 - x1) / 2)
  return `M${x1},${from.y} C${x1 + bend},${from.y} ${x2 - bend},${to.y} ${x2},${to.y}`
}

type Arrow = 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown'
export const isArrow = (key: string): key is Arrow => /^Arrow(Left|Right|Up|Down)$/.test(key)

/**
 * The job to which an arrow key leads. Left leads to a job that this one waits for, and right to a job that waits for
 * it, always the one nearest in height. Up and down lead through the column. Null where there is none.
 */
export function neighbour({ nodes, edges }: Layout, id: string, key: Arrow): string | null {
  const here = nodes.find((node) => node.id === id)
  if (!here) return null
  const linked =
    key === 'ArrowLeft'
      ? new Set(edges.filter(({ to }) => to === id).map(({ from }) => from))
      : new Set(edges.filter(({ from }) => from === id).map(({ to }) => to))
  const candidates = nodes.filter((node) =>
    key === 'ArrowLeft' || key === 'ArrowRight'
      ? linked.has(node.id)
      : Math.abs(node.x - here.x) < 1 && (key === 'ArrowUp' ? node.y < here.y : node.y > here.y),
  )
  const distance = (node: { y: number }) => Math.abs(node.y - here.y)
  return candidates.sort((a, b) => distance(a) - distance(b))[0]?.id ?? null
}

/**
 * The jobs that one job waits for ("above") and those that wait for it ("below"), the nearest first. `direct` tells
 * whether they are linked with it directly.
 */
export function sidesOf(
  { jobs, edges }: Graph,
  jobId: string,
): Record<'above' | 'below', (GraphNode & { direct: boolean })[]> {
  const walk = (next: (id: string) => string[]) => {
    const found = new Map<string, boolean>()
    let level = next(jobId)
    for (let direct = true; level.length > 0; direct = false) {
      const fresh = [...new Set(level)].filter((id) => id !== jobId && !found.has(id))
      for (const id of fresh) found.set(id, direct)
      level = fresh.flatMap(next)
    }
    const byId = new Map(jobs.map((job) => [job.id, job]))
    return [...found].flatMap(([id, direct]) => (byId.has(id) ? [{ ...byId.get(id)!, direct }] : []))
  }
  return { above: walk(linksOf(edges, 'childId', 'parentId')), below: walk(linksOf(edges, 'parentId', 'childId')) }
}

/**
 * When the last direct parent of a job completed, in milliseconds. Null where a parent has not completed, or where the
 * job has no parents.
 */
export function parentsCompletedAt(graph: Graph | undefined, jobId: string): number | null {
  if (!graph) return null
  const parents = new Set(graph.edges.filter(({ childId }) => childId === jobId).map(({ parentId }) => parentId))
  const ends = graph.jobs
    .filter(({ id }) => parents.has(id))
    .map(({ job }) => (job?.status === 'COMPLETED' ? job.finishedAt : null))
  return ends.length === 0 || ends.includes(null) ? null : Math.max(...ends.map((at) => Date.parse(at!)))
}

/** The titles of all jobs of the graph that still exist, by their ids. */
export const titlesOf = (graph: Graph | undefined): ReadonlyMap<string, string> =>
  new Map(graph?.jobs.flatMap(({ id, job }) => (job ? [[id, job.title] as const] : [])))
