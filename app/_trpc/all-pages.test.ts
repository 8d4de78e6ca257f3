import { expect, test } from 'vitest'
import { allPages } from './all-pages'

test('a list is read page by page up to its end, in its order', async () => {
  const pages = [['a', 'b'], ['c'], []]
  const asked: (string | undefined)[] = []
  const whole = await allPages(({ cursor }) => {
    asked.push(cursor)
    const at = Number(cursor ?? 0)
    return Promise.resolve({ items: pages[at] ?? [], nextCursor: at < 2 ? String(at + 1) : null })
  })
  expect(whole).toEqual({ items: ['a', 'b', 'c'], nextCursor: null })
  expect(asked).toEqual([undefined, '1', '2'])
})
