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
/** The height of the lane that a long arrow has in a column that it passes. */
const LANE = 10
/** A graph with more lanes than this lets long arrows pass behind boxes. It would become too high to be read. */
const MOST_LANES = 300

/**
 * Places the jobs of a graph in columns. A job stands to the right of all jobs that it waits for. Within a column, jobs
 * stand close to those that they are linked with. An arrow over several columns has a lane in each that it passes, so
 * that it does not run behind a box. For a thousand jobs it takes milliseconds
 * (docs/decisions/0074-graph-of-dependencies.md).
 */
export function layoutOf({ jobs, edges }: Graph): Layout {
  const columns = inColumns(jobs, linksOf(edges, 'childId', 'parentId'), linksOf(edges, 'parentId', 'childId'))
  const { lanesOf, links } = addLanes(columns, edges)
  sortByNeighbours(columns, links)
  const height = (place: string) => (lanesOf.isLane(place) ? LANE : NODE.height)
  const heights = columns.map((column) => column.reduce((sum, place) => sum + height(place) + GAP.row, -GAP.row))
  const tallest = Math.max(...heights)
  const places = new Map<string, Point>()
  columns.forEach((column, n) => {
    let top = MARGIN + (tallest - heights[n]!) / 2
    for (const place of column) {
      places.set(place, { x: MARGIN + NODE.width / 2 + n * (NODE.width + GAP.column), y: top + height(place) / 2 })
      top += height(place) + GAP.row
    }
  })
  const at = (place: string) => places.get(place)!
  return {
    nodes: jobs.map((job) => ({ ...job, ...at(job.id) })),
    edges: edges.map((edge, n) => ({
      from: edge.parentId,
      to: edge.childId,
      on: edge.on,
      path: curve([at(edge.parentId), ...lanesOf(n).map(at), at(edge.childId)]),
    })),
    width: 2 * MARGIN + columns.length * (NODE.width + GAP.column) - GAP.column,
    height: 2 * MARGIN + tallest,
  }
}

interface Point {
  x: number
  y: number
}

/**
 * Gives each arrow over several columns a lane in the columns between, as a further place there. `links` are those of
 * neighbouring places, from the left to the right.
 */
function addLanes(columns: string[][], edges: Graph['edges']) {
  const columnOf = new Map(columns.flatMap((column, n) => column.map((id) => [id, n])))
  const between = edges.map(({ parentId, childId }) => {
    const [from, to] = [columnOf.get(parentId)!, columnOf.get(childId)!]
    return Array.from({ length: Math.max(0, to - from - 1) }, (_, n) => from + 1 + n)
  })
  const lanes = between.reduce((sum, list) => sum + list.length, 0)
  const names = new Set<string>()
  const byEdge = between.map((passed, n) =>
    lanes > MOST_LANES
      ? []
      : passed.map((column) => {
          const name = `lane ${n} ${column}`
          names.add(name)
          columns[column]!.push(name)
          return name
        }),
  )
  const links = edges.flatMap(({ parentId, childId }, n) => {
    const way = [parentId, ...byEdge[n]!, childId]
    return way.slice(1).map((to, i): [string, string] => [way[i]!, to])
  })
  return {
    lanesOf: Object.assign((edge: number) => byEdge[edge]!, { isLane: (place: string) => names.has(place) }),
    links,
  }
}

/** Sorts the places of each column by the mean place of their neighbours, from left to right and back. */
function sortByNeighbours(columns: string[][], linked: readonly [string, string][]): void {
  const parents = groups(linked.map(([from, to]) => [to, from]))
  const children = groups(linked)
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

const linksOf = (edges: Graph['edges'], from: 'parentId' | 'childId', to: 'parentId' | 'childId'): Links =>
  groups(edges.map((edge) => [edge[from], edge[to]]))

/** For each first one of the pairs, the second ones that come with it. */
function groups(pairs: readonly (readonly [string, string])[]): Links {
  const links = new Map<string, string[]>()
  for (const [one, other] of pairs) {
    const known = links.get(one)
    if (known) known.push(other)
    else links.set(one, [other])
  }
  return (id) => links.get(id) ?? []
}

/** From the right edge of the first box, along its lanes, to the left edge of the last box. */
function curve(points: readonly Point[]): string {
  let { x, y } = { x: points[0]!.x + NODE.width / 2, y: points[0]!.y }
  let path = `M${x},${y}`
  points.slice(1).forEach((to, n) => {
    const left = to.x - NODE.width / 2
    const bend = Math.max(20, (left - x) / 2)
    path += ` C${x + bend},${y} ${left - bend},${to.y} ${left},${to.y}`
    ;[x, y] = [left, to.y]
    if (n < points.length - 2) path += ` H${(x = to.x + NODE.width / 2)}`
  })
  return path
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
 * When the last direct parent of a job had come as far as the job waits for, in milliseconds. Null where a parent has
 * not, or where the job has no parents.
 */
export function parentsDoneAt(graph: Graph | undefined, jobId: string): number | null {
  if (!graph) return null
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
