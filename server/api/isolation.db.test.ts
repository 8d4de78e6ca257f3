import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { issueAttemptToken, registerWorker, submitJobs } from '@/server/engine'
import { systemActor } from '@/server/engine/domain/types'
import { workerId } from '@/testing/engine'
import { openArtifactStore, type ArtifactStore } from '@/server/storage'
import { openOrganizationQueries } from '@/server/engine/reports'
import { openApi } from '@/testing/api'
import { sendArtifact } from './artifact'
import { procedures } from './fuzz/calls.fixture'
import { ORIGIN } from '@/testing/api-world'
import { contentOf, fill, type Side } from './isolation.fixture'
import { ROWS } from './isolation-rows.fixture'

// Two organizations contain the same things. No answer to one of them may show anything of the other. Naming something
// of the other must be answered like naming something that never existed.

const { database, services, world, api, close } = await openApi()
let storage: ArtifactStore
let directory: string
const sides = {} as Record<Side['slug'], Side>

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'jobyard-isolation-'))
  storage = openArtifactStore({ directory })
  await registerWorker(services.db, { id: workerId, host: 'here', pid: 1, isolatedSlots: 1, inlineSlots: 10 })
  for (const slug of ['acme', 'globex'] as const) sides[slug] = await fill(slug, { services, world, storage })
})
afterAll(async () => {
  await close()
  rmSync(directory, { recursive: true, force: true })
})

const pairs = [
  ['acme', 'globex'],
  ['globex', 'acme'],
] as const
const credentials = (slug: string, role = 'ADMIN') => ({ key: world.keys[`${slug}.${role}`]! })
const call = (procedure: string, input: unknown, who: Parameters<typeof api.query>[2]) =>
  procedures.find((each) => each.path === procedure)!.type === 'mutation'
    ? api.mutate(procedure, input, who)
    : api.query(procedure, input, who)
const inputsOf = (kind: 'own' | 'bare', me: Side) =>
  Object.entries(ROWS).flatMap(([name, row]) =>
    (row[kind]?.(me) ?? []).map((input) => [name, input, kind === 'own'] as const),
  )
/** What a text shows of an organization. What stands in `except` does not count, because the caller named it. */
const tracesIn = (text: string, side: Side, except = '') =>
  side.traces.filter((trace) => text.includes(trace) && !except.includes(trace))

it('the table of this test has a row for every procedure, and for nothing else', () => {
  expect(
    Object.keys(ROWS).sort(),
    'say in ROWS (isolation-rows.fixture.ts) what each procedure shows of an organization',
  ).toEqual(procedures.map(({ path: name }) => name).sort())
})

describe.each(pairs)('%s', (mine, others) => {
  it('every procedure shows an organization its own things, and nothing of the other organization', async () => {
    const [me, other] = [sides[mine], sides[others]]
    const callers = [
      [['ADMIN'], credentials(mine)],
      [['VIEWER'], credentials(mine, 'VIEWER')],
      [['ADMIN', 'person'], { cookie: world.cookies[`${mine}.ADMIN`]! }],
    ] as const
    for (const [is, who] of callers) {
      for (const [name, input, shows] of [...inputsOf('own', me), ...inputsOf('bare', me)]) {
        const { status, text } = await call(name, input, who)
        const what = `${name} ${JSON.stringify(input)} as ${is.join()}`
        const { only } = ROWS[name]!
        const refused = only !== undefined && !(is as readonly string[]).includes(only)
        expect([what, status]).toEqual([what, refused ? 403 : 200])
        expect(tracesIn(text, other), what).toEqual([])
        if (shows && !refused) expect(tracesIn(text, me).length, `${what} shows its own`).toBeGreaterThan(0)
      }
    }
  })

  it('naming things of the other organization is answered like naming things that never existed, and changes nothing there', async () => {
    const [me, other] = [sides[mine], sides[others]]
    const before = await contentOf(services, other)
    for (const [name, row] of Object.entries(ROWS)) {
      for (const input of row.foreign?.(other, me) ?? []) {
        const named = JSON.stringify(input)
        // The same call, but with ids and words that nobody has.
        const standIns = new Map(
          other.traces.map((trace) => [trace, trace.includes('-') ? randomUUID() : `word${randomUUID().slice(0, 8)}`]),
        )
        const absent = other.traces.reduce((text, trace) => text.replaceAll(trace, standIns.get(trace)!), named)
        const [got, none] = [
          await call(name, input, credentials(mine)),
          await call(name, JSON.parse(absent), credentials(mine)),
        ]
        const blank = (text: string) =>
          [...other.traces, ...standIns.values()].reduce((all, id) => all.replaceAll(id, '…'), text)
        expect(blank(got.text), `${name} ${named}`).toBe(blank(none.text))
        expect(got.status, `${name} ${named}`).toBe(none.status)
        expect(tracesIn(got.text, other, named), `${name} ${named}`).toEqual([])
      }
      for (const input of row.platform?.() ?? []) {
        const refused = await call(name, input, credentials(mine))
        expect(refused.error?.data?.reason, `${name} ${JSON.stringify(input)}`).toBe('NOT_PERMITTED')
      }
    }
    expect(await contentOf(services, other)).toBe(before)
  })

  it('a cursor that belongs to the other organization shows a caller nothing of that organization', async () => {
    const [me, other] = [sides[mine], sides[others]]
    for (const [name, row] of Object.entries(ROWS)) {
      for (const input of [...(row.own?.(other) ?? []), ...(row.bare?.(other) ?? [])]) {
        const { data } = await call(name, { ...(input as object), limit: 1 }, credentials(others))
        const cursor = (data as { nextCursor?: string } | undefined)?.nextCursor
        if (!cursor) continue
        for (const own of [...(row.own?.(me) ?? []), ...(row.bare?.(me) ?? [])]) {
          const { text } = await call(name, { ...(own as object), cursor }, credentials(mine))
          expect(tracesIn(text, other), `${name} from ${cursor}`).toEqual([])
        }
      }
    }
  })

  it('counts of one organization contain nothing of the other', async () => {
    const [me, other] = [sides[mine], sides[others]]
    const numbers = async (slug: string, { organizationId }: Side) => {
      const one = await api.query('metrics.overview', { range: '24h' }, credentials(slug))
      const named = await api.query('metrics.overview', { range: '24h', organizationId }, credentials(slug))
      const series = await api.query('metrics.timeseries', { range: '24h' }, credentials(slug))
      const sum = (field: string) =>
        (series.data.points as Record<string, number>[]).reduce((total, point) => total + point[field]!, 0)
      const counted = await api.query('jobs.count', {}, credentials(slug))
      expect(named.data.counts).toEqual(one.data.counts)
      return {
        counts: one.data.counts as object,
        submitted: sum('submitted'),
        completed: sum('completed'),
        failed: sum('failed'),
        jobs: counted.data.count as number,
      }
    }
    const own = await numbers(mine, me)
    expect(own).toEqual(await numbers(others, other))
    expect(own).toMatchObject({
      submitted: 6,
      completed: 1,
      failed: 2,
      jobs: 6,
      counts: { RUNNING: 1, COMPLETED: 1, DEAD_LETTER: 1, FAILED: 1, PENDING: 2 },
    })
    expect((await api.query('jobs.count', {}, { key: world.keys.root! })).data.count).toBe(12)
  })

  it('a watcher gets no event of the other organization, even when it begins after an event of the other', async () => {
    const [me, other] = [sides[mine], sides[others]]
    const happen = async (side: Side) => {
      const [made] = await submitJobs(services.db, {
        organizationId: side.organizationId,
        jobs: [{ jobType: 'test.noop', dedupe: false, runAt: new Date('2100-01-01') }],
        actor: systemActor(side.word),
      })
      return made!.id
    }
    const foreignJob = await happen(other)
    const ownJob = await happen(me)
    const stop = new AbortController()
    // `0` is no place in the stream, so the stream begins with an event at once.
    const foreignStream = (
      await api.watch(
        { organizationId: other.organizationId, jobId: foreignJob, lastEventId: '0' },
        credentials(others),
        stop.signal,
      )
    ).body!.getReader()
    const text = await readUntil(foreignStream, (seen) => /^id: /m.test(seen))
    const lastEventId = /^id: (\S+)$/m.exec(text)?.[1]
    expect(lastEventId).toBeDefined()
    for (const input of [{ organizationId: me.organizationId }, { organizationId: me.organizationId, lastEventId }]) {
      const reader = (await api.watch(input, credentials(mine), stop.signal)).body!.getReader()
      const foreignLater = await happen(other)
      const ownLater = await happen(me)
      const seen = await readUntil(reader, (so) => so.includes(ownLater))
      expect(seen).toContain(ownLater)
      for (const id of [...other.traces, foreignJob, foreignLater]) expect(seen).not.toContain(id)
    }
    for (const input of [
      { organizationId: other.organizationId },
      { organizationId: me.organizationId, jobId: foreignJob },
      { organizationId: other.organizationId, jobId: ownJob },
    ]) {
      const reader = (await api.watch(input, credentials(mine), stop.signal)).body!.getReader()
      const refused = await readUntil(reader, (so) => so.includes('NOT_FOUND'))
      expect(refused).toContain('NOT_FOUND')
    }
    stop.abort()
    for (const { organizationId, word } of [me, other]) {
      const { count } = await services.db.job.deleteMany({ where: { submittedByName: word } })
      // The engine would count this. These jobs were deleted without it.
      await services.db.usageDelta.create({ data: { organizationId, delta: -count } })
    }
  })

  it('the token of an attempt reports on its own attempt, but not on one of the other organization', async () => {
    const [me, other] = [sides[mine], sides[others]]
    const token = await issueAttemptToken(services.db, { jobId: me.jobs.running, attempt: 1 })
    const before = await contentOf(services, other)
    const ask = (procedure: string, input: object) => api.mutate(procedure, input, { key: token! })
    for (const [procedure, input] of [
      ['attempts.progress', { percent: 1 }],
      ['attempts.complete', {}],
      ['attempts.fail', { message: 'x' }],
    ] as const) {
      expect((await ask(procedure, { ...input, jobId: other.jobs.running })).error.data.reason, procedure).toBe(
        'NOT_PERMITTED',
      )
    }
    expect((await ask('attempts.progress', { percent: 50, jobId: me.jobs.running })).data).toMatchObject({
      jobId: me.jobs.running,
    })
    // The token is accepted nowhere else, not even for reading its own job.
    for (const side of [me, other])
      expect((await api.query('jobs.get', { jobId: side.jobs.running }, { key: token! })).error.data.reason).toBe(
        'NOT_PERMITTED',
      )
    expect(await contentOf(services, other)).toBe(before)
  })

  it('exports, reports and downloads contain only what belongs to the caller’s organization', async () => {
    const [me, other] = [sides[mine], sides[others]]
    const data = openOrganizationQueries(database.url, me.organizationId)
    const exported: unknown[] = []
    for await (const batch of data.jobs({ search: 'same both' })) exported.push(...batch)
    const from = new Date(Date.now() - 3_600_000)
    const report = await data.report({ from, to: new Date(Date.now() + 60_000), starts: [from] })
    expect(exported).toHaveLength(6)
    expect(await data.countJobs({})).toBe(6)
    expect(report.byType).toMatchObject([{ jobType: 'test.noop', total: 6, completed: 1 }])
    expect(tracesIn(JSON.stringify([exported, report]), other)).toEqual([])
    for await (const batch of data.jobs({ search: other.word })) expect(batch).toEqual([])
    await data.close()

    const fetched = (side: Side) =>
      sendArtifact(
        new Request(ORIGIN + side.artifact, { headers: { authorization: `Bearer ${credentials(mine).key}` } }),
        { jobId: side.jobs.completed, name: 'same.txt' },
        { services, storage },
      )
    expect(await (await fetched(me)).text()).toBe(`file with ${me.word}`)
    expect((await fetched(other)).status).toBe(404)
  })
})

async function readUntil(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  enough: (text: string) => boolean,
): Promise<string> {
  const deadline = Date.now() + 20_000
  let text = ''
  while (!enough(text) && Date.now() < deadline) {
    const read = await Promise.race([
      reader.read(),
      new Promise<null>((resolve) => setTimeout(() => resolve(null), deadline - Date.now())),
    ])
    if (read === null || read.done) break
    text += new TextDecoder().decode(read.value)
  }
  reader.cancel().catch(() => undefined)
  return text
}
