import { expect, test } from 'vitest'
import { allPages } from './all-pages'

test('reads on until there is no next page, and keeps the order', async () => {
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
