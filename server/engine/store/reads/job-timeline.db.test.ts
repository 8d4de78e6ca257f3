import { afterEach, expect, test } from 'vitest'
import { clearJobs, ends, finish, openWorld, running, submit, tester } from '@/testing/engine'
import { jobTimeline, pause, resume, writeAudit } from '../../index'

const { db, world } = await openWorld()
const by = { actor: tester, address: null }
afterEach(() => clearJobs(db))

const kind = { kind: 'jobType', name: 'plain' } as const
const circuit = (action: 'circuit.open' | 'circuit.close', organizationId: string) =>
  writeAudit(db, { organizationId, ...by, action, targetType: 'circuit', targetId: 'plain' })

test('a timeline knows the pauses and circuits that held a job back, also one that had begun before it, and none of others', async () => {
  await pause(db, { scope: kind, reason: 'The month is being closed', ...by })
  const job = await submit(world)
  await circuit('circuit.open', world.otherOrganizationId)
  await circuit('circuit.open', world.organizationId)
  await resume(db, { scope: kind, ...by })
  const { holds, logs } = await jobTimeline(db, job.id)
  expect(logs).toEqual([])
  expect(holds).toMatchObject([
    { kind: 'pause', target: 'jobType', reason: 'The month is being closed', by: { name: 'test' } },
    { kind: 'circuit', target: 'circuit', to: null },
  ])
  expect(holds[0]!.from.getTime()).toBeLessThanOrEqual(job.createdAt.getTime())
  expect(holds[0]!.to!.getTime()).toBeGreaterThanOrEqual(job.createdAt.getTime())
  await circuit('circuit.close', world.organizationId)
  await circuit('circuit.close', world.otherOrganizationId)
})

test('a timeline knows the pause of an organization that goes on after a suspension of it has ended', async () => {
  const { organizationId } = world
  const act = (action: string) =>
    writeAudit(db, {
      organizationId,
      ...by,
      action,
      targetType: 'organization',
      targetId: organizationId,
    } as Parameters<typeof writeAudit>[1])
  await act('control.pause')
  await act('organization.suspend')
  await act('organization.resume')
  const job = await submit(world)
  const { holds } = await jobTimeline(db, job.id)
  expect(holds).toMatchObject([{ kind: 'pause', target: 'organization', to: null }])
  await act('control.resume')
})

test('a timeline counts every log line of every attempt, however many there are', async () => {
  const attempt = await running(world)
  const start = (await db.jobAttempt.findFirstOrThrow({ where: { jobId: attempt.jobId } })).startedAt.getTime()
  await db.jobLog.createMany({
    data: Array.from({ length: 3_000 }, (_, n) => ({
      jobId: attempt.jobId,
      line: n + 1,
      attempt: attempt.attempt,
      level: n === 2_999 ? ('ERROR' as const) : n === 0 ? ('WARN' as const) : ('INFO' as const),
      message: 'working',
      at: new Date(start + n),
    })),
  })
  await finish(world, ends.complete(attempt))
  await db.jobAttempt.updateMany({ where: { jobId: attempt.jobId }, data: { endedAt: new Date(start + 3_000) } })
  const { logs } = await jobTimeline(db, attempt.jobId)
  expect(logs).toHaveLength(100)
  expect(logs.reduce((sum, { count }) => sum + count, 0)).toBe(3_000)
  expect(logs.map(({ level }) => level)).toEqual(['WARN', ...Array<string>(98).fill('INFO'), 'ERROR'])
})
