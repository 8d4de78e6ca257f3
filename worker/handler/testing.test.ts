import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { defineHandler, PermanentError, TransientError, z } from '@jobyard/handler'
import { testHandler } from '@jobyard/handler/testing'

const greet = defineHandler({
  key: 'greet',
  isolated: false,
  schema: z.strictObject({
    name: z.string().min(1),
    end: z.enum(['return', 'later', 'never', 'wait', 'deaf']).default('return'),
  }),
  jobType: {},
  async run({ name, end }, ctx) {
    ctx.progress(33.4, 'greeting')
    ctx.log.info(`Hello ${name}`)
    await ctx.artifact('greeting.txt', Buffer.from('an earlier one'), 'text/plain')
    await ctx.artifact('greeting.txt', Buffer.from(`Hello ${name}`), 'text/plain')
    const { id } = await ctx.submit({ jobType: 'greet', parameters: { name: 'child' } })
    if (end === 'later') throw new TransientError('busy', { retryAfter: 7 })
    if (end === 'never') throw new PermanentError('no such person')
    if (end === 'wait') await sleep(60_000, undefined, { signal: ctx.signal })
    if (end === 'deaf') await sleep(60_000, undefined, { ref: false })
    return { greeted: name, attempt: ctx.attempt, child: id.length }
  },
  onTimeout: (_, ctx) => Promise.resolve(ctx.log.warn('too late')),
})

test('a test sees the result, progress, logs, artifacts and children of a handler', async () => {
  expect(await testHandler(greet, { name: 'Ada' }, { attempt: 2 })).toMatchObject({
    status: 'COMPLETED',
    result: { greeted: 'Ada', attempt: 2, child: 36 },
    error: null,
    progress: [{ percent: 33, message: 'greeting' }],
    logs: [{ level: 'INFO', message: 'Hello Ada' }],
    artifacts: [{ name: 'greeting.txt', contentType: 'text/plain', text: 'Hello Ada' }],
    children: [{ jobType: 'greet', parameters: { name: 'child' } }],
  })
})

test('a test sees whether an error would be retried, and what a submission would refuse', async () => {
  expect(await testHandler(greet, { name: 'Ada', end: 'later' })).toMatchObject({
    status: 'FAILED',
    error: { message: 'busy', class: 'TRANSIENT', retryAfterSeconds: 7 },
  })
  expect(await testHandler(greet, { name: 'Ada', end: 'never' })).toMatchObject({
    status: 'DEAD_LETTER',
    error: { message: 'no such person', class: 'PERMANENT' },
  })
  expect(await testHandler(greet, { nam: 'Ada' })).toMatchObject({
    status: 'REFUSED',
    logs: [],
    error: { message: expect.stringContaining('parameters') as string },
  })
})

test('a test cancels a handler while it runs, or lets it time out', async () => {
  const cancel = new AbortController()
  const canceled = await testHandler(
    greet,
    { name: 'Ada', end: 'wait' },
    { signal: cancel.signal, onLog: () => cancel.abort() },
  )
  expect(canceled).toMatchObject({ status: 'CANCELED', result: null })
  const late = await testHandler(greet, { name: 'Ada', end: 'wait' }, { timeoutMs: 20 })
  expect(late).toMatchObject({ status: 'TIMED_OUT', logs: [{}, { level: 'WARN', message: 'too late' }] })
})

test('a test of a handler goes on where onTimeout returns no promise, or throws at once', async () => {
  const handler = defineHandler({
    key: 'late',
    isolated: false,
    schema: z.strictObject({ throws: z.boolean() }),
    run: (_, ctx) => sleep(60_000, undefined, { signal: ctx.signal }),
    onTimeout({ throws }, ctx) {
      ctx.log.warn('too late')
      if (throws) throw new Error('no connection')
    },
  })
  const warned = { level: 'WARN', message: 'too late' }
  const returned = await testHandler(handler, { throws: false }, { timeoutMs: 20 })
  expect(returned).toMatchObject({ status: 'TIMED_OUT', logs: [warned] })
  const threw = await testHandler(handler, { throws: true }, { timeoutMs: 20 })
  expect(threw).toMatchObject({
    status: 'TIMED_OUT',
    logs: [warned, { level: 'ERROR', message: 'onTimeout failed: no connection' }],
  })
})

test('a test of a handler that ignores its signal fails and says so', async () => {
  await expect(testHandler(greet, { name: 'Ada', end: 'deaf' }, { timeoutMs: 20 })).rejects.toThrow(
    'The handler goes on 5 s after its signal fired',
  )
})

test('a test says how messages to people are sent', async () => {
  const handler = defineHandler({
    key: 'own.tell',
    isolated: false,
    schema: z.strictObject({}),
    run: (_, ctx) => Promise.resolve(ctx.messages.dashboard),
  })
  const messages = { mail: null, allow: '', dashboard: 'https://jobs.example.com' }
  expect((await testHandler(handler, {}, { messages })).result).toBe('https://jobs.example.com')
  expect((await testHandler(handler, {})).result).toBeNull()
})
