import { expect, test } from 'vitest'
import { MARKS, type MarkedAct } from './marks'

const jobType = { targetType: 'jobType', targetId: 'orders.sync' }
const acme = { targetType: 'organization', targetId: 'o', organization: 'Acme' }
const platform = { targetType: 'platform', targetId: 'platform' }
const workers = (after: MarkedAct['after']) => ({ targetType: 'worker', targetId: 'w', after })

test.each<[string, Partial<MarkedAct>, string]>([
  ['control.pause', platform, 'The platform was paused'],
  ['control.pause', jobType, 'orders.sync was paused'],
  ['control.pause', { ...acme, organization: null }, 'The organization was paused'],
  ['control.resume', acme, 'Acme was resumed'],
  ['organization.suspend', acme, 'Acme was suspended'],
  ['organization.resume', acme, 'The suspension of Acme ended'],
  ['circuit.open', jobType, 'The circuit of orders.sync opened'],
  ['circuit.close', jobType, 'The circuit of orders.sync closed'],
  ['jobType.update', jobType, 'Limits of orders.sync changed'],
  ['organization.update', acme, 'Limits of Acme changed'],
  ['worker.version', workers({ version: '1.2.0', commit: 'abc' }), 'Workers run version 1.2.0 (abc)'],
  ['worker.version', workers({ version: '1.2.0', commit: null }), 'Workers run version 1.2.0'],
  ['worker.version', workers(null), 'Workers run version unknown'],
])('a mark of %s names what it is about: %o', (action, act, words) => {
  const mark = MARKS[action]!
  expect(mark.words({ action, targetType: '', targetId: '', organization: null, after: null, ...act })).toBe(words)
})
