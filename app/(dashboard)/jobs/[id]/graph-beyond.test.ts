import { expect, test } from 'vitest'
import { beyond } from './graph-beyond'

/** The middle of a box. A box is 176 px wide and 38 px high. */
const at = (x: number, y: number) => ({ id: `${x} ${y}`, x, y })

test('jobs that are not wholly in view are counted at the edge beyond which they lie', () => {
  const nodes = [at(100, 100), at(-50, 100), at(390, 100), at(900, 900), at(200, 0), at(200, 500), at(200, 400)]
  expect(beyond({ nodes }, { left: 0, top: 0, width: 400, height: 300 })).toEqual({ left: 1, right: 2, up: 1, down: 2 })
})

test('nothing lies beyond the edges of a graph that is wholly in view', () => {
  expect(beyond({ nodes: [at(100, 30)] }, { left: 0, top: 0, width: 400, height: 300 })).toEqual({
    left: 0,
    right: 0,
    up: 0,
    down: 0,
  })
})
