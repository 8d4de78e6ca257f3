import { expect, test } from 'vitest'
import { createRootLogger } from '../logger'
import { OutageLog } from './outage-log'

test('an outage is one line when it begins and one when it ends, however many calls fail', () => {
  const lines: { level: string; what: string; msg: string; seconds?: number }[] = []
  const logger = createRootLogger('info', { write: (line: string) => void lines.push(JSON.parse(line) as never) })
  let now = 0
  const database = new OutageLog('database', logger, () => now)
  database.worked()
  for (let i = 0; i < 100; i++) database.failed(new Error('connection refused'))
  expect(database.isLost).toBe(true)
  now = 31_000
  database.worked()
  database.worked()
  expect(lines).toMatchObject([
    { level: 'error', what: 'database', msg: 'database lost' },
    { level: 'info', what: 'database', msg: 'database found again', seconds: 31 },
  ])
  expect(database.isLost).toBe(false)
})
