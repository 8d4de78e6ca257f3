import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { submitJob } from '@/server/engine'
import { openDoor } from '@/testing/door'
import { tester, unique } from '@/testing/engine'
import { createStage, within } from './stage.fixture'

// What a real worker process writes, line by line.

interface Line {
  level: string
  event?: string
  msg: string
  [field: string]: unknown
}

const stage = await createStage()
const door = await openDoor(stage.database.url)
afterEach(() => stage.clear())
afterAll(async () => {
  await door.close()
  await stage.close()
})

test('a worker writes only JSON: leadership, handler lines with the ids of request and job, dead jobs, circuits, outages', async () => {
  let heard = ''
  stage.start(undefined, { LOG_LEVEL: 'debug', DATABASE_URL: door.url }, { hear: (text) => (heard += text) })
  const lines = () =>
    heard
      .slice(0, heard.lastIndexOf('\n') + 1)
      .trim()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Line)
  const line = (wanted: Record<string, unknown>) =>
    vi.waitFor(() => expect(lines()).toContainEqual(expect.objectContaining(wanted)), within(40))
  await line({ level: 'info', event: 'leading' })

  const { organizationId } = stage.world
  const done = await submitJob(stage.db, {
    organizationId,
    job: { jobType: 'sample.work', parameters: { durationMs: 10, progressSteps: 1, ...unique() } },
    actor: tester,
    origin: { requestId: 'order-417' },
  })
  await line({ from: 'handler', level: 'debug', jobId: done.id, requestId: 'order-417', organizationId, attempt: 1 })

  // So many failures also open the circuit of their type.
  const broken = await Promise.all(Array.from({ length: 10 }, () => stage.work({ mode: 'permanent' })))
  for (const { id } of broken)
    await line({
      level: 'warn',
      event: 'dead-letter',
      jobId: id,
      organizationId,
      jobType: 'sample.work',
      errorClass: 'PERMANENT',
      cause: expect.any(String) as string,
    })
  expect(lines().filter(({ event }) => event === 'dead-letter')).toHaveLength(10)
  await line({ level: 'warn', event: 'circuit', change: 'opened', jobType: 'sample.work', organizationId })

  door.shut()
  await line({ level: 'error', event: 'lost', what: 'database' })
  await line({ level: 'warn', event: 'leadership-lost' })
  door.open()
  await line({ level: 'info', event: 'found', what: 'database' })
  await vi.waitFor(() => expect(lines().filter(({ event }) => event === 'leading')).toHaveLength(2), within(40))
  expect(lines().filter(({ event, what }) => event === 'lost' && what === 'database')).toHaveLength(1)
})
