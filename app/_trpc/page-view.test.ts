import { expect, test } from 'vitest'
import { whenSeen } from './page-view'
import { somePage } from './page-view.fixture'

test('a read that became due while the page was hidden runs once, when the page is shown', () => {
  const page = somePage()
  const done: boolean[] = []
  const read = whenSeen(page, (late) => done.push(late))
  read()
  expect(done).toEqual([false])
  page.set(true)
  read()
  read()
  expect(done).toEqual([false])
  page.set(false)
  expect(done).toEqual([false, true])
  page.set(true)
  page.set(false)
  expect(done, 'it was due once').toEqual([false, true])
})
