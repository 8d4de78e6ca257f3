import { MessageChannel } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { defineHandler, z } from '@jobyard/handler'
import type { Claimed } from '@/server/engine'
import type { FromThread } from './protocol'
import runInThread from './thread'

test('what onTimeout logs before it throws is in the log of the job, and its thread ends as it should', async () => {
  const handler = defineHandler({
    key: 'late',
    isolated: true,
    schema: z.strictObject({}),
    run: (_, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
    onTimeout(_, ctx) {
      ctx.log.warn('too late')
      throw new Error('no connection')
    },
  })
  const { port1, port2 } = new MessageChannel()
  const logged: string[] = []
  port2.on('message', (message: FromThread) => {
    // 50 ms later the handler listens to its signal.
    if (message.type === 'begun') setTimeout(() => port2.postMessage({ type: 'stop', kind: 'timeout' }), 50)
    if (message.type === 'log') logged.push(`${message.level} ${message.message}`)
    if (message.type === 'flush') port2.postMessage({ type: 'answer', call: message.call })
  })
  const end = await runInThread(
    {
      // It touches neither database nor files.
      claimed: { jobId: '0199b2c0-0000-7000-8000-000000000001', parameters: {}, sensitive: [] as string[] } as Claimed,
      port: port1,
      databaseUrl: 'postgresql://nobody@127.0.0.1:1/none',
      storage: { directory: '/nowhere' },
      projectRoot: '/',
      outside: null,
      messages: undefined,
      handlersFolder: null,
      traceParent: null,
    },
    () => Promise.resolve(handler),
  )
  port2.close()
  expect(end).toMatchObject({ ok: false, failure: { message: 'The job took longer than its timeout.' } })
  expect(logged).toEqual(['WARN too late', 'ERROR onTimeout failed: no connection'])
})
