import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { ExportedJob } from '@jobyard/handler'
import exportJobs from './export.jobs'
import { recordingContext } from '@/worker/handler/recording'

const job = (given: Partial<ExportedJob> = {}): ExportedJob => ({
  id: '0199b2c0-0000-7000-8000-000000000001',
  jobType: 'orders.sync',
  status: 'COMPLETED',
  priority: 'NORMAL',
  attempt: 1,
  failures: 0,
  submittedBy: 'Ada',
  createdAt: new Date('2026-01-31T08:00:00Z'),
  startedAt: null,
  finishedAt: null,
  errorMessage: null,
  errorClass: null,
  parameters: { order: { id: 7 } },
  ...given,
})

function exporting(batches: () => AsyncIterable<ExportedJob[]>, total = 0) {
  return recordingContext({ data: { jobs: batches, countJobs: () => Promise.resolve(total) } })
}
async function* of(...batches: ExportedJob[][]) {
  for (const batch of batches) yield await Promise.resolve(batch)
}
const csv = (recording: ReturnType<typeof exporting>) => [...recording.files.values()][0]?.bytes.toString() ?? ''

test('an export writes characters that a spreadsheet would hide or turn around as escapes, and parameters keep their value', async () => {
  const recording = exporting(
    () =>
      of([job({ submittedBy: 'Ad\u202ea', errorMessage: '\u200b=1+1', parameters: { file: 'invoice\u202efdp.exe' } })]),
    1,
  )
  await exportJobs.run({}, recording.ctx)
  const text = csv(recording)
  expect(text).toContain('Ad\\u202ea')
  expect(text).toContain('\\u200b=1+1')
  expect(text).toContain('"{""file"":""invoice\\u202efdp.exe""}"')
  expect(text).not.toMatch(/[\u202e\u200b]/)
})

test('an export has a header and a line for each job', async () => {
  const recording = exporting(() => of([job()], [job({ errorMessage: 'a "b",\nc' })]), 2)
  expect(await exportJobs.run({}, recording.ctx)).toMatchObject({ rows: 2 })
  const text = csv(recording)
  expect(text.split('\r\n')[0]).toBe(
    'id,jobType,status,priority,attempt,failures,submittedBy,createdAt,startedAt,finishedAt,errorClass,errorMessage,parameters',
  )
  expect(text.split('\r\n')[1]).toBe(
    '0199b2c0-0000-7000-8000-000000000001,orders.sync,COMPLETED,NORMAL,1,0,Ada,2026-01-31T08:00:00.000Z,,,,,"{""order"":{""id"":7}}"',
  )
  expect(text).toContain('"a ""b"",\nc"')
  expect(recording.progress.map(([percent]) => percent)).toEqual([50, 99])
})

test('an export without jobs is a file with a header only', async () => {
  const recording = exporting(() => of())
  expect(await exportJobs.run({}, recording.ctx)).toMatchObject({ rows: 0 })
  expect(csv(recording).trim().split('\r\n')).toHaveLength(1)
})

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'])(
  'an export guards a cell that begins with %j, so that no spreadsheet runs it as a formula',
  async (text) => {
    const recording = exporting(() => of([job({ submittedBy: text, errorMessage: text, parameters: text })]), 1)
    await exportJobs.run({}, recording.ctx)
    const line = csv(recording).slice(csv(recording).indexOf('\r\n') + 2)
    expect(line).toMatch(/,1,0,"?'/)
    expect(line).not.toMatch(/(?:^|,)"?[=+\-@\t\r]/)
  },
)

test('an export reads at most three batches ahead of the storage that takes its file', async () => {
  // Batches that were asked for since storage took the last piece. The stream itself reads a few ahead.
  let ahead = 0
  let most = 0
  async function* batches() {
    for (let n = 0; n < 60; n++) {
      most = Math.max(most, ++ahead)
      yield await Promise.resolve(Array.from({ length: 1000 }, () => job()))
    }
  }
  const recording = exporting(batches, 60_000)
  let bytes = 0
  recording.ctx.artifact = async (_name, content) => {
    for await (const chunk of content as AsyncIterable<Buffer>) {
      bytes += chunk.length
      ahead = 0
      await sleep(1)
    }
  }
  expect(await exportJobs.run({}, recording.ctx)).toMatchObject({ rows: 60_000 })
  expect(bytes).toBeGreaterThan(5_000_000)
  // The batch of the piece itself, and three more.
  expect(most).toBeLessThanOrEqual(4)
})

test('a signal ends an export between two batches', async () => {
  async function* endless() {
    for (let n = 0; ; n++) {
      if (n === 3) recording.cancel(new Error('canceled'))
      yield await Promise.resolve([job()])
    }
  }
  const recording = exporting(endless, 10)
  await expect(exportJobs.run({}, recording.ctx)).rejects.toThrow('canceled')
})
