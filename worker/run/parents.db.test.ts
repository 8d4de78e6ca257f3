import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { MessageChannel } from 'node:worker_threads'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { claimJobs, finishAttempts, submitJobs } from '@/server/engine'
import { completed } from '@/server/engine/domain/outcome'
import type { Json } from '@/server/engine/domain/types'
import { openArtifactStore } from '@/server/storage'
import { openWorld, ends, finish, start, tester, unique, submit } from '@/testing/engine'
import { defineHandler, type Handler, type HandlerContext } from '../handler'
import { Attempt, type HandlerEnd } from './attempt'
import { runInline } from './inline'
import runInThread from './isolated/thread'
import type { FromThread } from './isolated/protocol'

const { db, world } = await openWorld()
let storageDir: string
beforeAll(async () => {
  storageDir = await mkdtemp(path.join(tmpdir(), 'jobyard-parents-'))
})
afterAll(() => rm(storageDir, { recursive: true, force: true }))

/** What a handler can tell of its parents, with the bytes of their files. */
async function whatHandlerSees(ctx: HandlerContext): Promise<Json> {
  const parents = await ctx.parents()
  return Promise.all(
    parents.map(async ({ artifacts, ...parent }) => ({
      ...parent,
      artifacts: await Promise.all(
        artifacts.map(async ({ open, ...artifact }) => ({ ...artifact, bytes: await text(await open()) })),
      ),
    })),
  )
}
const handler: Handler = defineHandler({
  key: 'sample.noop',
  isolated: false,
  schema: z.looseObject({}),
  run: (_, ctx) => whatHandlerSees(ctx),
})
const load = () => Promise.resolve(handler)

/** Runs the handler on this job in the worker's own thread. */
async function inline(jobId: string): Promise<HandlerEnd> {
  const claimed = await start(world, jobId)
  const files = openArtifactStore({ directory: storageDir })
  const attempt = new Attempt(claimed, performance.now(), db, {} as never, files)
  const end = await runInline(attempt, {
    load,
    databaseUrl: world.databaseUrl,
    projectRoot: '/',
    storage: { directory: storageDir },
    outside: null,
    onUnstoppable: () => undefined,
  })
  attempt.end()
  await finish(world, attempt.outcome(end))
  return end
}

/** Runs what a thread runs for this job. The other end of its port answers as the worker does. */
async function inThread(jobId: string): Promise<HandlerEnd> {
  const claimed = await start(world, jobId)
  const { port1, port2 } = new MessageChannel()
  port2.on('message', (message: FromThread) => {
    if (message.type === 'flush') port2.postMessage({ type: 'answer', call: message.call })
  })
  const task = {
    claimed,
    port: port1,
    databaseUrl: world.databaseUrl,
    storage: { directory: storageDir },
    projectRoot: '/',
    outside: null,
    messages: undefined,
    handlersFolder: null,
    traceParent: null,
  }
  const end = await runInThread(task, load)
  await finish(world, ends.complete(claimed))
  return end
}

test.each([
  ['in the worker’s own thread', inline],
  ['in a thread of its own', inThread],
])('a handler %s reads what its parents made, with the bytes of their files', async (_, run) => {
  const [made, broke, child] = await submitJobs(db, {
    organizationId: world.organizationId,
    actor: tester,
    jobs: [
      { jobType: 'plain', parameters: unique(), ref: 'made' },
      { jobType: 'plain', parameters: unique(), ref: 'broke' },
      { jobType: 'plain', parameters: unique(), dependsOn: ['made', { job: 'broke', on: 'ended' }] },
    ],
  })
  const claimed = await start(world, made!.id)
  const files = openArtifactStore({ directory: storageDir })
  const staged = await files.stageArtifact({ ...claimed, attempt: claimed.attempt }, Buffer.from('a,b\n1,2\n'))
  const file = { id: crypto.randomUUID(), name: 'rows.csv', contentType: 'text/csv', ...staged }
  await finishAttempts(db, [completed(claimed, { result: { rows: 1 }, dedupeWindowSeconds: 0, artifacts: [file] })])
  await files.commitArtifacts([staged.storageKey])
  // The dispatch in `start` took the second parent, too. It is claimed under the id of no worker, as none is registered.
  const { dispatch } = await db.job.findUniqueOrThrow({ where: { id: broke!.id } })
  const [running] = await claimJobs(db, claimed.jobId, [{ jobId: broke!.id, dispatch }])
  await finish(world, ends.dead(running!))

  const end = await run(child!.id)
  const parent = { jobType: 'plain', result: null, error: null, artifacts: [] }
  expect(end).toMatchObject({
    ok: true,
    result: [
      {
        ...parent,
        id: made!.id,
        ref: 'made',
        status: 'COMPLETED',
        result: { rows: 1 },
        artifacts: [{ name: 'rows.csv', contentType: 'text/csv', size: 8, bytes: 'a,b\n1,2\n' }],
      },
      {
        ...parent,
        id: broke!.id,
        ref: 'broke',
        status: 'DEAD_LETTER',
        error: { message: 'Broken', class: 'TRANSIENT' },
      },
    ],
  })
})

test('a job that waited for nothing has no parents', async () => {
  expect(await inline((await submit(world)).id)).toMatchObject({ ok: true, result: [] })
})
