import { expect, test } from 'vitest'
import { MAX_NAMED } from '../../domain/alerts/message'
import type { UntoldAlert } from '../../store/alerts/alerts'
import { messageOf } from './deliver'

const now = new Date('2026-11-30T12:00:00Z')
const rule = {
  id: '01900000-0000-7000-8000-000000000001',
  name: 'Failures',
  condition: { kind: 'NO_WORKER' as const },
  organizationName: null,
}
const alert = (id: string, closedAt: Date | null): UntoldAlert => ({
  id,
  ruleId: rule.id,
  organization: null,
  subject: id,
  label: id,
  text: `${id} fails`,
  path: null,
  openedAt: now,
  closedAt,
})

test('a message about more alerts than it can name names the one that fires before those that are over', () => {
  const over = Array.from({ length: MAX_NAMED + 5 }, (_, n) => alert(`over ${n}`, now))
  const { alerts, more } = messageOf(rule, [...over, alert('fires', null)], now)
  expect(alerts[0]).toMatchObject({ state: 'firing', text: 'fires fails' })
  expect(alerts.slice(1).map(({ label }) => label)).toEqual(over.slice(0, MAX_NAMED - 1).map(({ label }) => label))
  expect(more).toBe(6)
})
