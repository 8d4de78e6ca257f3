import { describe, expect, test } from 'vitest'
import { parentsDoneAt, sidesOf, type Graph } from './graph-facts'
import { jobAtArrowKey } from './graph-keys'
import { layoutOf, NODE } from './graph-layout'

const graph = (edges: [string, string][], ended: Record<string, string> = {}): Graph => ({
  jobs: [...new Set(edges.flat())].map((id) => ({
    id,
    job: {
      title: id,
      jobType: 'sample.noop',
      status: ended[id] ? 'COMPLETED' : 'PENDING',
      createdAt: '2026-01-01T00:00:00.000Z',
      finishedAt: ended[id] ?? null,
    },
  })),
  edges: edges.map(([parentId, childId]) => ({ parentId, childId, on: 'completed' as const })),
  capped: false,
})
const diamond = graph([
  ['a', 'b'],
  ['a', 'c'],
  ['b', 'd'],
  ['c', 'd'],
])

describe('the graph of a job', () => {
  test('the graph of a job is drawn from left to right, and no two jobs cover each other', () => {
    const { nodes, edges } = layoutOf(diamond)
    const x = Object.fromEntries(nodes.map((node) => [node.id, node.x]))
    expect(x.a).toBeLessThan(x.b!)
    expect(x.b).toBe(x.c)
    expect(x.c).toBeLessThan(x.d!)
    const [b, c] = nodes.filter(({ id }) => id === 'b' || id === 'c')
    expect(Math.abs(b!.y - c!.y)).toBeGreaterThan(NODE.height)
    expect(edges).toHaveLength(4)
  })

  test('an arrow that passes a column has its own way there, and does not run behind the box of another job', () => {
    const long = graph([
      ['a', 'b'],
      ['b', 'c'],
      ['a', 'c'],
    ])
    const { nodes, edges } = layoutOf(long)
    const b = nodes.find(({ id }) => id === 'b')!
    const { path } = edges.find(({ from, to }) => from === 'a' && to === 'c')!
    // Where the arrow runs straight through a strip, an `H` of the path follows its height.
    const heights = [...path.matchAll(/,([\d.]+)(?= H)/g)].map(([, y]) => Number(y))
    expect(heights).toHaveLength(1)
    expect(Math.abs(heights[0]! - b.y)).toBeGreaterThan(NODE.height / 2)
  })

  test('arrow keys move through the graph of a job: left and right along its arrows, up and down within a column', () => {
    const layout = layoutOf(diamond)
    expect(jobAtArrowKey(layout, 'd', 'ArrowRight')).toBeNull()
    const first = jobAtArrowKey(layout, 'd', 'ArrowLeft')!
    expect(['b', 'c']).toContain(first)
    const other = jobAtArrowKey(layout, first, 'ArrowUp') ?? jobAtArrowKey(layout, first, 'ArrowDown')
    expect([first, other].sort()).toEqual(['b', 'c'])
    expect(jobAtArrowKey(layout, first, 'ArrowLeft')).toBe('a')
  })

  test.each<[string, [string, string][]]>([
    ['a chain', Array.from({ length: 999 }, (_, n) => [`${n}`, `${n + 1}`])],
    ['a job with many children', Array.from({ length: 999 }, (_, n) => ['root', `${n}`])],
    [
      'layers that wait for each other',
      Array.from({ length: 2500 }, (_, n) => [`a${n % 50}`, `b${Math.floor(n / 50)}`]),
    ],
  ])('the graph of a thousand jobs is laid out quickly: %s', (_, edges) => {
    const before = process.cpuUsage()
    const { nodes } = layoutOf(graph(edges))
    // In microseconds. It takes a few milliseconds of the processor. By the clock it may take any time on a busy machine.
    expect(process.cpuUsage(before).user).toBeLessThan(1_000_000)
    expect(nodes.every(({ x, y }) => Number.isFinite(x) && Number.isFinite(y))).toBe(true)
  })

  test('the jobs that a job waits for, and those that wait for it, are listed with the nearest first', () => {
    const { waitsFor, waitedForBy } = sidesOf(
      graph([
        ['a', 'b'],
        ['b', 'c'],
        ['c', 'd'],
        ['a', 'd'],
      ]),
      'c',
    )
    expect(waitsFor.map(({ id, direct }) => [id, direct])).toEqual([
      ['b', true],
      ['a', false],
    ])
    expect(waitedForBy.map(({ id }) => id)).toEqual(['d'])
  })

  test('a dead parent whose end is enough counts from its end on', () => {
    const { jobs, edges } = graph([['a', 'b']], { a: '2026-01-01T00:00:09.000Z' })
    const dead = jobs.map(({ id, job }) => ({ id, job: job && { ...job, status: 'DEAD_LETTER' as const } }))
    const ended = edges.map((edge) => ({ ...edge, on: 'ended' as const }))
    expect(parentsDoneAt({ jobs: dead, edges: ended, capped: false }, 'b')).toBe(Date.parse('2026-01-01T00:00:09Z'))
    expect(parentsDoneAt({ jobs: dead, edges, capped: false }, 'b')).toBeNull()
  })

  test('where the graph does not show all parents, nobody knows when the last one ended', () => {
    const shown = graph([['a', 'b']], { a: '2026-01-01T00:00:09.000Z' })
    expect(parentsDoneAt({ ...shown, capped: true }, 'b')).toBeNull()
  })

  test('the time when the last parent completed is known, and is null while a parent has not completed', () => {
    const [early, late] = ['2026-01-01T00:00:01.000Z', '2026-01-01T00:00:09.000Z']
    expect(
      parentsDoneAt(
        graph(
          [
            ['a', 'c'],
            ['b', 'c'],
          ],
          { a: late, b: early },
        ),
        'c',
      ),
    ).toBe(Date.parse(late))
    expect(
      parentsDoneAt(
        graph(
          [
            ['a', 'c'],
            ['b', 'c'],
          ],
          { a: late },
        ),
        'c',
      ),
    ).toBeNull()
    expect(parentsDoneAt(diamond, 'a')).toBeNull()
  })
})
