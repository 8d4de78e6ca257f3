import { expect, test } from 'vitest'
import type { Graph } from './graph-facts'
import { drawnIn, partAround } from './graph-drawn'
import { layoutOf } from './graph-layout'

const graphOf = (edges: [string, string][]): Graph => ({
  jobs: [...new Set(edges.flat())].map((id) => ({ id, job: null })),
  edges: edges.map(([parentId, childId]) => ({ parentId, childId, on: 'completed' as const })),
  capped: false,
})
const around = (x: number, y: number) => partAround({ left: x - 500, top: y - 200, width: 1_000, height: 400 })

test('of a job for which 999 others wait, only the boxes around the view are drawn, and the one with the focus', () => {
  const layout = layoutOf(graphOf(Array.from({ length: 999 }, (_, n) => ['parent', `child ${n}`])))
  const first = layout.nodes.find(({ id }) => id === 'child 0')!
  const { nodes } = drawnIn(layout, around(first.x, first.y), new Set(['child 900']))
  // A box and the space below it take 50 px, and the part that is drawn is at most 1,600 px high.
  expect(nodes.length).toBeLessThan(40)
  expect(nodes.map(({ id }) => id)).toEqual(expect.arrayContaining(['child 0', 'child 5', 'child 900']))
})

test('an arrow that only passes through the view is drawn, and one elsewhere is not', () => {
  const chain = Array.from({ length: 200 }, (_, n): [string, string] => [`${n}`, `${n + 1}`])
  const layout = layoutOf(graphOf([...chain, ['0', '60']]))
  const middle = layout.nodes.find(({ id }) => id === '30')!
  const { edges } = drawnIn(layout, around(middle.x, middle.y), new Set())
  const drawn = edges.map(({ from, to }) => `${from} ${to}`)
  expect(drawn).toEqual(expect.arrayContaining(['30 31', '0 60']))
  expect(drawn).not.toContain('150 151')
})

test('a move that stays within one step of the drawn part draws nothing anew', () => {
  expect(around(5_010, 700)).toEqual(around(5_040, 690))
})
