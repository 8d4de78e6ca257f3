import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import sampleWork from './sample.work'
import { recordingContext } from '@/worker/handler/recording'

const run = (parameters: object, recording = recordingContext()) =>
  sampleWork.run(sampleWork.schema.parse(parameters), recording.ctx)

test('sample.work without parameters completes at once and has no result', async () => {
  expect(await run({})).toBeNull()
})

test('sample.work gives its data back as result', async () => {
  expect(await run({ data: { a: [1, { b: null }], c: 'ä' } })).toEqual({ a: [1, { b: null }], c: 'ä' })
  expect(await run({ data: 0 })).toBe(0)
  expect(await run({ data: false })).toBe(false)
})

test('sample.work spreads its progress over its duration and ends at 100', async () => {
  const recording = recordingContext()
  const start = performance.now()
  await run({ durationMs: 60, progressSteps: 3 }, recording)
  // Timers drop fractions of a millisecond, so the last one may fire up to a millisecond early.
  expect(performance.now() - start).toBeGreaterThan(58)
  expect(recording.progress.map(([percent]) => Math.round(percent))).toEqual([33, 67, 100])
  expect(recording.progress.at(-1)?.[1]).toBe('Step 3 of 3')
  expect(recording.lines.length).toBeGreaterThanOrEqual(2)
})

test('sample.work fails its first attempts with a transient error, and then does as its mode says', async () => {
  const parameters = { failAttempts: 2, data: 'ok' }
  for (const attempt of [1, 2]) {
    await expect(run(parameters, recordingContext({ attempt }))).rejects.toMatchObject({ name: 'TransientError' })
  }
  expect(await run(parameters, recordingContext({ attempt: 3 }))).toBe('ok')
  await expect(run({ failAttempts: 1, mode: 'permanent' }, recordingContext({ attempt: 2 }))).rejects.toMatchObject({
    name: 'PermanentError',
  })
})

test('a signal stops sample.work at once, with the reason of the signal', async () => {
  const recording = recordingContext()
  const reason = new Error('canceled by Ada')
  const ended = run({ durationMs: 60_000 }, recording).catch((error: unknown) => error)
  await nextTurn()
  recording.cancel(reason)
  // Lets turns of the event loop pass. No time is waited for.
  const turns = async () => {
    for (let n = 0; n < 10; n++) await nextTurn()
    return 'still at work'
  }
  expect(await Promise.race([ended, turns()])).toBe(reason)
})

test('sample.work in mode hang ignores its signal', async () => {
  const recording = recordingContext()
  const hanging = run({ mode: 'hang' }, recording)
  recording.cancel(new Error('canceled'))
  const winner = await Promise.race([hanging, new Promise((resolve) => setTimeout(resolve, 50, 'still hanging'))])
  expect(winner).toBe('still hanging')
})
