import { randomBytes } from 'node:crypto'
import { afterEach, expect, test } from 'vitest'
import { clearJobs, ends, finish, openWorld, running, submit, tester } from '@/testing/engine'
import { idAt } from '../../domain/id-time'
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

test('the timeline of a job that ended tells when the pause and the circuit that outlasted it ended, and which one still goes on', async () => {
  const attempt = await running(world)
  await finish(world, ends.complete(attempt))
  const ended = Date.now() - 3_600_000
  await db.job.update({
    where: { id: attempt.jobId },
    data: { createdAt: new Date(ended - 1_200_000), finishedAt: new Date(ended) },
  })
  const { organizationId } = world
  /** An entry of the audit, some minutes after the end of the job. */
  const act = (minutes: number, action: string, targetType: string, targetId: string, reason?: string) => {
    const at = ended + minutes * 60_000
    // idAt gives the lowest id of a moment. The random end tells the entries apart.
    const id = `${idAt(at).slice(0, -12)}${randomBytes(6).toString('hex')}`
    const by = { actorType: 'SYSTEM', actorName: 'test' } as const
    return db.auditEvent.create({
      data: { id, at: new Date(at), ...by, organizationId, action, targetType, targetId, reason },
    })
  }
  await act(-30, 'control.pause', 'jobType', 'plain', 'The month is being closed')
  await act(-25, 'organization.suspend', 'organization', organizationId, 'They have not paid')
  await act(-10, 'circuit.open', 'circuit', 'plain')
  await act(-5, 'control.pause', 'platform', 'platform', 'The database moves')
  await act(10, 'control.pause', 'jobType', 'plain')
  await act(20, 'control.resume', 'jobType', 'plain')
  await act(21, 'control.pause', 'jobType', 'plain')
  await act(22, 'control.resume', 'jobType', 'plain')
  await act(25, 'circuit.close', 'circuit', 'plain')
  await act(30, 'organization.resume', 'organization', organizationId)
  const { holds } = await jobTimeline(db, attempt.jobId)
  const minutesAfter = (at: Date | null) => at && (at.getTime() - ended) / 60_000
  expect(holds.map(({ kind, target, reason, to }) => [kind, target, reason, minutesAfter(to)])).toEqual([
    ['pause', 'jobType', 'The month is being closed', 20],
    ['pause', 'organization', 'They have not paid', 30],
    ['circuit', 'circuit', null, 25],
    ['pause', 'platform', 'The database moves', null],
  ])
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
