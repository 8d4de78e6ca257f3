import { pino } from 'pino'
import { expect, test } from 'vitest'
import { holding, openWorld, read, running } from '@/testing/engine'
import { Reporter } from './reporter'

const { db, world } = await openWorld({ max: 4 })

test('the last progress of a job whose row is locked is written once it is free, and no other job waits for that', async () => {
  const [held, free] = [await running(world), await running(world)]
  const reporter = new Reporter(db, pino({ level: 'silent' }))
  const say = ({ jobId, attempt, organizationId }: typeof held, progress: number) =>
    reporter.reportProgress({ jobId, attempt, organizationId, progress, message: null })
  let last: Promise<void> | undefined
  await holding(world, 'SELECT 1 FROM jobs WHERE id = $1::uuid FOR UPDATE', [held.jobId], async () => {
    say(held, 40)
    say(free, 60)
    last = reporter.finish(held.jobId, () => true)
    await reporter.finish(free.jobId, () => true)
    expect(await read(world, free.jobId)).toMatchObject({ progress: 60 })
    expect(await read(world, held.jobId)).toMatchObject({ progress: 0 })
    return [] // Nothing for `holding` to wait for.
  })
  await last
  expect(await read(world, held.jobId)).toMatchObject({ progress: 40 })
})

test('the end of an attempt does not wait for a locked row when its progress may not be written any more', async () => {
  const job = await running(world)
  const reporter = new Reporter(db, pino({ level: 'silent' }))
  await holding(world, 'SELECT 1 FROM jobs WHERE id = $1::uuid FOR UPDATE', [job.jobId], async () => {
    reporter.reportProgress({
      jobId: job.jobId,
      attempt: job.attempt,
      organizationId: job.organizationId,
      progress: 40,
      message: null,
    })
    await reporter.finish(job.jobId, () => false)
    return [] // Nothing for `holding` to wait for.
  })
  expect(await read(world, job.jobId)).toMatchObject({ progress: 0 })
})
