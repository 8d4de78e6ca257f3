import { expect, test } from 'vitest'
import { toFilter } from '../filters'
import { readSearch } from '../search/grammar'
import { readView, viewQuery } from './read-view'

const scope = { organizationId: undefined, userId: 'u' }

test('a saved view of the dashboard is read back with its columns, and a span such as “within 24 hours” stays a span', () => {
  const { question } = readSearch('status:failed created:24h order.id:4711 late')
  const kept = JSON.parse(JSON.stringify(viewQuery(question, ['status', 'type']))) as unknown
  expect(readView(kept, 'u')).toEqual({ question, columns: ['status', 'type'], left: [] })
})

test('a saved view that a program made from a filter of the API shows the same jobs', () => {
  const filter = { status: ['DEAD_LETTER' as const], jobTypePrefix: 'payout.', submittedById: 'u' }
  const view = readView({ filter, columns: ['title', 7] }, 'u')
  expect(toFilter(view.question, scope, 0)).toEqual(filter)
  expect(view).toMatchObject({ columns: ['title'], left: [] })
  expect(view.question.mine).toBe(true)
})

test.each([
  ['nothing', null, []],
  ['another shape', { a: 1 }, []],
  ['a filter that is none', { filter: { status: 7, args: 'x' } }, ['filter']],
  ['a field that the page does not know', { filter: { later: true } }, ['later']],
  ['a search with a wrong word', { search: 'status:done late' }, ['status:done']],
])('a saved view with %s opens, and tells what it leaves out', (_, query, left) => {
  expect(readView(query, 'u').left).toEqual(left)
})
