import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { z } from 'zod'
import type { Claimed } from '@/server/engine'
import { Attempt } from './attempt'
import { defineHandler, type Handler } from '../handler'
import { runInline } from './inline'

const claimed: Claimed = {
  jobId: '0199b2c0-0000-7000-8000-000000000001',
  dispatch: 1,
  organizationId: '0199b2c0-0000-7000-8000-000000000002',
  organizationName: 'Acme',
  jobType: 'test',
  handler: 'test',
  attempt: 1,
  failures: 0,
  maxRetries: 0,
  timeoutSeconds: 3_600,
  backoffBaseSeconds: 1,
  backoffCapSeconds: 1,
  dedupeWindowSeconds: 0,
  createdAt: new Date(),
  parameters: {},
  sensitive: [],
  readySeconds: 0,
  queuedSeconds: 0,
  requestId: null,
  traceParent: null,
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** An attempt that touches neither database nor files, and what became of its worker. */
function begin(key: string, run: Handler['run'], onTimeout?: Handler['onTimeout']) {
  const attempt = new Attempt({ ...claimed, handler: key }, performance.now(), {} as never, {} as never, {} as never)
  const onUnstoppable = vi.fn()
  const handler = defineHandler({ key, isolated: false, schema: z.looseObject({}), run, onTimeout })
  const end = runInline(attempt, {
    load: () => Promise.resolve(handler),
    databaseUrl: 'postgresql://nobody@127.0.0.1:1/none',
    projectRoot: '/',
    storage: { directory: '/nowhere' },
    outside: null,
    onUnstoppable,
  })
  return { attempt, onUnstoppable, end }
}

/** Goes on until its signal fires. */
const untilStopped: Handler['run'] = (_, { signal }) =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))

test('the worker is told to end when a handler in its own thread ignores its signal past the grace', async () => {
  const { attempt, onUnstoppable } = begin('deaf', () => new Promise<never>(() => undefined))
  await vi.advanceTimersByTimeAsync(0)
  attempt.stop('cancel')
  // The grace after a cancel is 5 s (stop.ts).
  await vi.advanceTimersByTimeAsync(4_900)
  expect(onUnstoppable).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(200)
  expect(onUnstoppable).toHaveBeenCalledOnce()
  attempt.end()
})

test('the worker stays when a handler stops at its signal, or had ended before the cancel came', async () => {
  const listening = begin('listening', untilStopped)
  await vi.advanceTimersByTimeAsync(0)
  listening.attempt.stop('cancel')
  expect(await listening.end).toMatchObject({ ok: false })
  const ended = begin('ended', () => Promise.resolve())
  expect(await ended.end).toMatchObject({ ok: true })
  // Its outcome is being written: the attempt goes on, the handler does not.
  ended.attempt.stop('cancel')
  await vi.advanceTimersByTimeAsync(60_000)
  expect(listening.onUnstoppable).not.toHaveBeenCalled()
  expect(ended.onUnstoppable).not.toHaveBeenCalled()
  listening.attempt.end()
  ended.attempt.end()
})

test.each<[string, Handler['onTimeout'], string[]]>([
  ['logs and returns no promise', (_, ctx) => ctx.log.warn('too late'), ['WARN too late']],
  [
    'throws before it has made a promise',
    () => {
      throw new Error('no connection')
    },
    ['ERROR onTimeout failed: no connection'],
  ],
  ['rejects', () => Promise.reject(new Error('no answer')), ['ERROR onTimeout failed: no answer']],
])('a job that timed out ends, and its worker lives on, where onTimeout %s', async (how, onTimeout, lines) => {
  const { attempt, end } = begin(`timed out: ${how}`, untilStopped, onTimeout)
  const logged: string[] = []
  attempt.log = (level, message) => void logged.push(`${level} ${message}`)
  await vi.advanceTimersByTimeAsync(0)
  attempt.stop('timeout')
  // An error that reached the worker's process would fail this file as an unhandled one.
  expect(await end).toMatchObject({ ok: false, failure: { message: 'The job took longer than its timeout.' } })
  expect(logged).toEqual(lines)
  attempt.end()
})
