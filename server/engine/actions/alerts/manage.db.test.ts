import { afterEach, beforeAll, expect, test } from 'vitest'
import { HOOK, lookNow, makeDeliveryType, makeRule } from '@/testing/alerts'
import { openWorld, refusal, tester } from '@/testing/engine'
import { auditSentence } from '../../domain/audit/actions'
import { DELIVERY_TYPE } from '../../domain/alerts/message'
import {
  alertDeliveries,
  changeOrganization,
  createOrganization,
  deleteAlertRule,
  listJobTypes,
  MAX_ALERT_RULES,
  submitJob,
  testAlertRule,
  updateAlertRule,
} from '../../index'

const { db, world } = await openWorld()
const by = { actor: tester, address: null }
beforeAll(() => makeDeliveryType(world))
afterEach(() => db.$executeRaw`DELETE FROM alert_rules`)

test('two rules of an organization cannot have the same name; another organization and the platform can use it', async () => {
  await makeRule(world, { name: 'Taken' })
  const { data } = await refusal(makeRule(world, { name: ' Taken ' }))
  expect(data.fields?.[0]?.path).toBe('name')
  await makeRule(world, { name: 'Taken' }, world.otherOrganizationId)
  await makeRule(world, { name: 'Taken' }, null)
  expect((await refusal(makeRule(world, { name: 'Taken' }, null))).reason).toBe('INVALID_INPUT')
})

test('an organization has at most 50 rules, also when the last two are made at once', async () => {
  for (let n = 1; n < MAX_ALERT_RULES; n++) await makeRule(world)
  const both = await Promise.allSettled([makeRule(world), makeRule(world)])
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
})

test('a rule is tested five times in ten minutes at most, also while it is off and in quiet hours', async () => {
  const id = await makeRule(world, { enabled: false, quietHours: { from: '00:00', to: '23:59' } })
  for (let n = 0; n < 5; n++) expect(await testAlertRule(db, { ruleId: id, ...by })).toHaveLength(1)
  const { reason, data } = await refusal(testAlertRule(db, { ruleId: id, ...by }))
  expect(reason).toBe('RATE_LIMITED')
  expect(data.retryAfterSeconds).toBeGreaterThan(500)
  const { items } = await alertDeliveries(db, { ruleId: id, limit: 10 })
  expect(items.map(({ kind, state }) => [kind, state])).toEqual(Array.from({ length: 5 }, () => ['TEST', 'WAITING']))
})

test('the audit says who did what to a rule, and never holds the path of a webhook', async () => {
  const url = 'https://hooks.slack.com/services/secret-path'
  const id = await makeRule(world, { name: 'Audited', targets: [{ type: 'slack', url }] })
  await updateAlertRule(db, { ruleId: id, changes: { enabled: false }, ...by })
  await updateAlertRule(db, { ruleId: id, changes: { targets: [HOOK, { type: 'slack', url }] }, ...by })
  await deleteAlertRule(db, { ruleId: id, ...by })
  const events = await db.auditEvent.findMany({ where: { targetId: id }, orderBy: { id: 'asc' } })
  expect(events.map(({ action }) => action)).toEqual(['alert.create', 'alert.update', 'alert.update', 'alert.delete'])
  expect(JSON.stringify(events)).not.toContain('secret-path')
  expect(JSON.stringify(events)).toContain('Slack at hooks.slack.com')
  const said = events.map(({ action, before, after }) =>
    auditSentence({ action, before, after, actor: tester, targetType: 'alert', targetId: id } as never),
  )
  expect(said[1]).toContain('switched the alert rule Audited off')
})

test('a rule that is deleted is looked at no more', async () => {
  const id = await makeRule(world)
  await deleteAlertRule(db, { ruleId: id, ...by })
  expect(await lookNow(world)).toEqual({ looked: 0, messages: 0, failures: [] })
  expect((await refusal(testAlertRule(db, { ruleId: id, ...by }))).reason).toBe('NOT_FOUND')
})

test('nobody but Jobyard submits the jobs that deliver messages, and members do not see their job type', async () => {
  const submitter = { role: 'ADMIN', reaches: ['VIEWER', 'OPERATOR', 'ADMIN'] as const }
  const { organizationId } = world
  const job = { jobType: DELIVERY_TYPE, parameters: {} }
  expect((await refusal(submitJob(db, { organizationId, actor: tester, submitter, job }))).reason).toBe('NOT_PERMITTED')
  const names = async (internal: boolean) =>
    (await listJobTypes(db, { limit: 100, internal })).items.map(({ name }) => name)
  expect(await names(false)).not.toContain(DELIVERY_TYPE)
  expect(await names(true)).toContain(DELIVERY_TYPE)
})

test('a change of the least number of attempts alone is kept; the same settings in another order are no change', async () => {
  const condition = { kind: 'FAILURE_RATE', percent: 40, minutes: 60, atLeast: 10 } as const
  const quietHours = { from: '22:00', to: '06:00' }
  const id = await makeRule(world, { condition, quietHours })
  const change = (changes: Parameters<typeof updateAlertRule>[1]['changes']) =>
    updateAlertRule(db, { ruleId: id, changes, ...by })
  const updates = () => db.auditEvent.findMany({ where: { targetId: id, action: 'alert.update' } })
  await change({
    condition: { atLeast: 10, minutes: 60, percent: 40, kind: 'FAILURE_RATE' },
    quietHours: { to: '06:00', from: '22:00' },
    targets: [{ url: HOOK.url, type: 'webhook' }],
  })
  expect(await updates()).toEqual([])
  await change({ condition: { ...condition, atLeast: 500 } })
  expect(await updates()).toMatchObject([
    { after: { condition: 'Over 40 % of the attempts of a type failed within 60 min, and there were at least 500' } },
  ])
  const [row] = await db.$queryRaw<{ settings: unknown }[]>`SELECT settings FROM alert_rules WHERE id = ${id}::uuid`
  expect(row!.settings).toMatchObject({ atLeast: 500 })
})

test('nobody can give an organization the short name of the one that delivers messages', async () => {
  for (const slug of ['alert-messages', 'alert-messages-2']) {
    const created = await refusal(createOrganization(db, { settings: { name: 'Mine', slug }, ...by }))
    expect(created.data.fields?.[0]?.path).toBe('slug')
    const { organizationId } = world
    const changed = await refusal(changeOrganization(db, { organizationId, changes: { slug }, ...by }))
    expect(changed.data.fields?.[0]?.path).toBe('changes.slug')
  }
})
