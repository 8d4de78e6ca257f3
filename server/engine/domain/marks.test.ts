import { expect, test } from 'vitest'
import { MARKS } from './marks'

const words = (action: string, act: Partial<Parameters<(typeof MARKS)[string]['words']>[0]> = {}) =>
  MARKS[action]!.words({
    action,
    targetType: 'jobType',
    targetId: 'orders.sync',
    organization: null,
    after: null,
    ...act,
  })

test('a mark names what was paused: the platform, a job type or an organization', () => {
  expect(words('control.pause', { targetType: 'platform', targetId: 'platform' })).toBe('The platform was paused')
  expect(words('control.pause')).toBe('orders.sync was paused')
  expect(words('control.resume', { targetType: 'organization', organization: 'Acme' })).toBe('Acme was resumed')
})

test('a mark names the circuit, the limits and the version that it is about', () => {
  expect(words('circuit.open')).toBe('The circuit of orders.sync opened')
  expect(words('jobType.update')).toBe('Limits of orders.sync changed')
  expect(words('worker.version', { after: { version: '1.2.0', commit: 'abc' } })).toBe(
    'Workers run version 1.2.0 (abc)',
  )
  expect(words('worker.version', { after: { version: '1.2.0', commit: null } })).toBe('Workers run version 1.2.0')
})
