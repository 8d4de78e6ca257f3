import { expect, test } from 'vitest'
import { placeMarks } from './place'

const mark = (minutes: number) => ({ at: new Date(Date.UTC(2026, 0, 1, 0, minutes)).toISOString() })
const chart = { first: mark(0).at, count: 60, bucketSeconds: 60, bars: true }
const lefts = (minutes: number[], more = {}) =>
  placeMarks(minutes.map(mark), { ...chart, ...more }).map(({ left }) => left)

test('a mark stands where its time lies between the first bucket and the end of the last', () => {
  expect(lefts([0, 15, 30])).toEqual([0, 0.25, 0.5])
})

test('on a line chart the last bucket lies on the right edge', () => {
  expect(lefts([59], { bars: false })).toEqual([1])
  expect(lefts([59])).toEqual([59 / 60])
})

test('marks before the first bucket and after the last are left out', () => {
  expect(lefts([-1, 60])).toEqual([])
})

test('marks that are close to each other share one place, in the order of their times', () => {
  const [together, alone] = placeMarks([mark(31), mark(30), mark(45)], chart)
  expect(together).toEqual({ left: 0.5, marks: [mark(30), mark(31)] })
  expect(alone!.marks).toHaveLength(1)
})
