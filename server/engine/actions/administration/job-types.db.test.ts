import { afterEach, describe, expect, test } from 'vitest'
import { dispatch, openWorld, refusal, running, submit, tester, unique } from '@/testing/engine'
import type { Scope } from '../../domain/types'
import {
  cancelJob,
  changeJobType,
  createJobType,
  getJobType,
  getJobTypeVersion,
  listJobTypeVersions,
  metricsByType,
  syncHandlers,
  unfinishedByVersion,
  type JobTypeChanges,
  type NewJobType,
} from '../../index'
import { checkInvariants } from '../../invariants'

const { db, world } = await openWorld({ max: 6 })

afterEach(async () => expect(await checkInvariants(db)).toEqual([]))

const by = { actor: tester, address: '10.0.0.7' }
let serial = 0
const fresh = (over: Partial<NewJobType> = {}): NewJobType => ({
  name: `made.${++serial}`,
  displayName: 'Made',
  handler: 'sample.noop',
  parameterSchema: { type: 'object' },
  ...over,
})
const create = (over: Partial<NewJobType> = {}) => createJobType(db, { ...by, type: fresh(over) })
const change = (name: string, changes: JobTypeChanges) => changeJobType(db, { ...by, name, changes })
const versions = async (name: string) => (await listJobTypeVersions(db, { name, limit: 100 })).items
const fields = async (work: Promise<unknown>) => {
  const { reason, data } = await refusal(work)
  expect(reason).toBe('INVALID_INPUT')
  return data.fields!.map(({ path }) => path)
}

describe('a new job type', () => {
  test('a new job type takes the defaults of the specification for fields that are not given, and is version 1', async () => {
    const made = await create({ name: 'letters' })
    expect(made).toEqual({
      name: 'letters',
      displayName: 'Made',
      pool: 'default',
      description: '',
      title: null,
      handler: 'sample.noop',
      parameterSchema: { type: 'object' },
      enabled: true,
      requiredRole: 'OPERATOR',
      timeoutSeconds: 300,
      priority: 'NORMAL',
      maxRetries: 5,
      backoffBaseSeconds: 60,
      backoffCapSeconds: 960,
      dedupeWindowSeconds: 300,
      rateLimit: null,
      concurrency: { global: null, perOrganization: null },
      retentionDays: 30,
      version: 1,
    })
    expect(await getJobType(db, 'letters')).toEqual(made)
    expect(await versions('letters')).toMatchObject([
      { version: 1, config: made, createdBy: tester, createdAt: expect.any(Date) },
    ])
    expect(await db.auditEvent.findFirst({ where: { action: 'jobType.create', targetId: 'letters' } })).toMatchObject({
      organizationId: null,
      targetType: 'jobType',
      before: null,
      after: made,
      address: '10.0.0.7',
    })
    expect((await submit(world, { jobType: 'letters' })).jobTypeVersion).toBe(1)
  })

  test('a new job type keeps zeros as values, and null as no limit', async () => {
    const zeros = {
      maxRetries: 0,
      backoffBaseSeconds: 0,
      backoffCapSeconds: 0,
      dedupeWindowSeconds: 0,
      description: '',
      rateLimit: { count: 0, windowSeconds: 60 },
      concurrency: { global: 0, perOrganization: null },
    }
    const made = await create(zeros)
    expect(await getJobType(db, made.name)).toMatchObject(zeros)
  })

  test('a new job type goes to the queue that its handler needs', async () => {
    const [inline, isolated] = [await create({ handler: 'sample.noop' }), await create({ handler: 'sample.work' })]
    const queueOf = async (name: string) => (await db.jobType.findUniqueOrThrow({ where: { name } })).queue
    expect([await queueOf(inline.name), await queueOf(isolated.name)]).toEqual(['INLINE', 'ISOLATED'])
  })

  test('a job type whose handler no worker has is refused, until a worker brings that handler', async () => {
    const { data, message } = await refusal(create({ handler: 'brand.new' }))
    expect(data.fields).toEqual([{ path: 'handler', message: 'must be one of sample.noop, sample.work' }])
    expect(message).toContain('handler must be one of')
    await syncHandlers(db, [{ key: 'brand.new', queue: 'INLINE' }])
    expect((await create({ handler: 'brand.new' })).handler).toBe('brand.new')
  })

  test.each<[string, Partial<NewJobType>]>([
    ['name', { name: 'Not Good' }],
    ['displayName', { displayName: '  ' }],
    ['timeoutSeconds', { timeoutSeconds: 0 }],
    ['timeoutSeconds', { timeoutSeconds: 86_401 }],
    ['timeoutSeconds', { timeoutSeconds: 1.5 }],
    ['maxRetries', { maxRetries: -1 }],
    ['backoffBaseSeconds', { backoffBaseSeconds: -1 }],
    ['backoffCapSeconds', { backoffCapSeconds: -1 }],
    ['dedupeWindowSeconds', { dedupeWindowSeconds: -1 }],
    ['rateLimit.count', { rateLimit: { count: -1, windowSeconds: 60 } }],
    ['rateLimit.windowSeconds', { rateLimit: { count: 1, windowSeconds: 0 } }],
    ['rateLimit.windowSeconds', { rateLimit: { count: 1, windowSeconds: 86_401 } }],
    ['concurrency.global', { concurrency: { global: -1 } }],
    ['concurrency.perOrganization', { concurrency: { perOrganization: -1 } }],
    ['retentionDays', { retentionDays: 0 }],
    ['parameterSchema', { parameterSchema: null }],
    ['parameterSchema.type', { parameterSchema: {} }],
    [
      'parameterSchema.properties.a.$ref',
      { parameterSchema: { type: 'object', properties: { a: { $ref: 'https://example.com/schema.json' } } } },
    ],
  ])('a new job type whose %s is not allowed is refused, and the field is named: %j', async (path, over) => {
    expect(await fields(create(over))).toEqual([path])
  })

  test('a new job type with several wrong fields is refused with all of them named', async () => {
    expect(await fields(create({ timeoutSeconds: 0, maxRetries: -1, handler: 'nothing' }))).toEqual([
      'handler',
      'timeoutSeconds',
      'maxRetries',
    ])
  })

  test('a job type whose name is taken is refused, also when both are created at the same moment', async () => {
    const type = fresh()
    const both = await Promise.allSettled([1, 2].map(() => createJobType(db, { ...by, type })))
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(await fields(createJobType(db, { ...by, type }))).toEqual(['name'])
    expect(await versions(type.name)).toHaveLength(1)
  })
})

describe('a job type that is changed', () => {
  test('a change of a job type changes the given fields only and makes a version, and jobs keep the version they came with', async () => {
    const { name } = await create({ maxRetries: 7, concurrency: { global: 5 } })
    const before = await submit(world, { jobType: name })
    const changed = await change(name, {
      timeoutSeconds: 60,
      concurrency: { perOrganization: 2 },
      description: 'Now described',
    })
    expect(changed).toMatchObject({
      version: 2,
      timeoutSeconds: 60,
      maxRetries: 7,
      description: 'Now described',
      concurrency: { global: 5, perOrganization: 2 },
    })
    expect(await getJobType(db, name)).toEqual(changed)
    const after = await submit(world, { jobType: name })
    expect([before, after]).toMatchObject([
      { jobTypeVersion: 1, timeoutSeconds: 300 },
      { jobTypeVersion: 2, timeoutSeconds: 60 },
    ])
    expect(
      (await versions(name)).map(({ version, config }) => [version, config.version, config.timeoutSeconds]),
    ).toEqual([
      [2, 2, 60],
      [1, 1, 300],
    ])
    expect(await db.auditEvent.findFirst({ where: { action: 'jobType.update', targetId: name } })).toMatchObject({
      before: { version: 1, timeoutSeconds: 300, description: '', concurrency: { global: 5, perOrganization: null } },
      after: {
        version: 2,
        timeoutSeconds: 60,
        description: 'Now described',
        concurrency: { global: 5, perOrganization: 2 },
      },
    })
  })

  test('a change made from an older version is refused with the present one, and changes nothing', async () => {
    const { name } = await create({ maxRetries: 7 })
    const from = (ifVersion: number, changes: JobTypeChanges) => changeJobType(db, { ...by, name, changes, ifVersion })
    expect(await from(1, { maxRetries: 8 })).toMatchObject({ version: 2, maxRetries: 8 })
    const late = await refusal(from(1, { maxRetries: 9, timeoutSeconds: 10 }))
    expect([late.reason, late.data]).toEqual(['CHANGED_MEANWHILE', { version: 2 }])
    expect(await getJobType(db, name)).toMatchObject({ version: 2, maxRetries: 8, timeoutSeconds: 300 })
  })

  test('when two people save a job type from the same version at once, exactly one is refused', async () => {
    const { name } = await create()
    const both = await Promise.allSettled(
      [1, 2].map((maxRetries) => changeJobType(db, { ...by, name, changes: { maxRetries }, ifVersion: 1 })),
    )
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(await versions(name)).toHaveLength(2)
  })

  test('unfinished jobs are counted by the version that they came with, and those that ended are not', async () => {
    const { name } = await create()
    const jobs = [await submit(world, { jobType: name, parameters: unique() })]
    await running(world, { jobType: name, parameters: unique() })
    await change(name, { timeoutSeconds: 60 })
    jobs.push(await submit(world, { jobType: name, parameters: unique() }))
    jobs.push(await submit(world, { jobType: name, parameters: unique() }))
    const count = (scope: Scope) => unfinishedByVersion(db, name, scope)
    expect(await count({ all: true })).toEqual(
      new Map([
        [1, { waiting: 1, running: 1 }],
        [2, { waiting: 2, running: 0 }],
      ]),
    )
    const types = await metricsByType(db, { range: '1h', limit: 100 }, { all: true })
    expect(types.items.find(({ jobType }) => jobType === name)).toMatchObject({ waiting: 3, running: 1 })
    await cancelJob(db, { jobId: jobs[2]!.id, actor: tester })
    expect((await count({ all: true }))?.get(2)).toEqual({ waiting: 1, running: 0 })
    expect(await count({ organizationIds: [] })).toEqual(new Map())
  })

  test('a limit of a job type that is changed to null is gone, and one that is changed to 0 stays a limit', async () => {
    const { name } = await create({
      rateLimit: { count: 5, windowSeconds: 60 },
      concurrency: { global: 3, perOrganization: 1 },
    })
    expect(await change(name, { rateLimit: null, concurrency: { global: null } })).toMatchObject({
      rateLimit: null,
      concurrency: { global: null, perOrganization: 1 },
    })
    expect(
      await change(name, { rateLimit: { count: 0, windowSeconds: 60 }, concurrency: { perOrganization: 0 } }),
    ).toMatchObject({
      rateLimit: { count: 0, windowSeconds: 60 },
      concurrency: { global: null, perOrganization: 0 },
    })
    expect(await getJobType(db, name)).toMatchObject({ version: 3, concurrency: { global: null, perOrganization: 0 } })
  })

  test('a change of a job type that changes nothing makes no version', async () => {
    const parameterSchema = { type: 'object', properties: { b: { type: 'string' }, a: { type: 'string' } } }
    const made = await create({ parameterSchema, maxRetries: 3 })
    expect(await change(made.name, {})).toEqual(made)
    expect(
      await change(made.name, {
        maxRetries: 3,
        parameterSchema: { type: 'object', properties: { b: { type: 'string' }, a: { type: 'string' } } },
      }),
    ).toEqual(made)
    expect(await versions(made.name)).toHaveLength(1)
    expect(await db.auditEvent.count({ where: { targetId: made.name, action: 'jobType.update' } })).toBe(0)
  })

  test('a parameter schema comes back as it was written everywhere, and another order of its fields makes a version', async () => {
    const properties = {
      recipient: { type: 'string' },
      to: { type: 'string' },
      from: { type: 'string' },
      'a-b': { enum: [{ zz: 1, y: 2 }] },
    }
    const parameterSchema = {
      type: 'object',
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      properties,
      required: ['to'],
    }
    const written = JSON.stringify(parameterSchema)
    const made = await create({ parameterSchema, title: '{to}' })
    const reordered = {
      ...parameterSchema,
      properties: {
        from: properties.from,
        to: properties.to,
        recipient: properties.recipient,
        'a-b': properties['a-b'],
      },
    }
    expect(await change(made.name, { parameterSchema: structuredClone(parameterSchema) })).toEqual(made)
    expect(await change(made.name, { parameterSchema: reordered })).toMatchObject({ version: 2 })
    expect(JSON.stringify((await getJobType(db, made.name))!.parameterSchema)).toBe(JSON.stringify(reordered))
    expect((await versions(made.name)).map(({ config }) => JSON.stringify(config.parameterSchema))).toEqual([
      JSON.stringify(reordered),
      written,
    ])
    expect(JSON.stringify((await getJobTypeVersion(db, made.name, 1))!.parameterSchema)).toBe(written)
    const audited = await db.auditEvent.findFirstOrThrow({ where: { action: 'jobType.update', targetId: made.name } })
    const kept = (side: unknown) => JSON.stringify((side as { parameterSchema: unknown }).parameterSchema)
    expect([kept(audited.before), kept(audited.after)]).toEqual([written, JSON.stringify(reordered)])
  })

  test('a title that names fields which the schema lacks is refused, whether the title or the schema is changed', async () => {
    const closed = { type: 'object', properties: { month: { type: 'string' } }, additionalProperties: false }
    expect(await fields(create({ title: '{month' }))).toEqual(['title'])
    expect(await fields(create({ title: '{year}', parameterSchema: closed }))).toEqual(['title'])
    const { name } = await create({ title: 'Of {month}', parameterSchema: closed })
    expect(await fields(change(name, { title: '{day}' }))).toEqual(['changes.title'])
    expect(await fields(change(name, { parameterSchema: { ...closed, properties: { year: {} } } }))).toEqual([
      'changes.title',
    ])
    expect(await change(name, { title: null })).toMatchObject({ title: null, version: 2 })
    expect(await change(name, { title: '{month}' })).toMatchObject({ title: '{month}', version: 3 })
  })

  test('a change of a job type applies at once to jobs that wait already', async () => {
    const { name } = await create()
    const { id } = await submit(world, { jobType: name, parameters: unique() })
    await change(name, { enabled: false })
    expect(await dispatch(world, id)).toBeUndefined()
    await change(name, { enabled: true, concurrency: { global: 0 } })
    expect(await dispatch(world, id)).toBeUndefined()
    await change(name, { concurrency: { global: 1 } })
    expect(await dispatch(world, id)).toBe(1)
  })

  test('a handler that no worker has any more does not block changes of other fields', async () => {
    await syncHandlers(db, [{ key: 'short.lived', queue: 'INLINE' }])
    const { name } = await create({ handler: 'short.lived' })
    await db.$executeRaw`DELETE FROM handlers WHERE key = 'short.lived'`
    expect((await change(name, { maxRetries: 1 })).version).toBe(2)
  })

  test('a job type moves to the queue of its new handler', async () => {
    const { name } = await create({ handler: 'sample.noop' })
    await change(name, { handler: 'sample.work' })
    expect((await db.jobType.findUniqueOrThrow({ where: { name } })).queue).toBe('ISOLATED')
  })

  test('a wrong change of a job type is refused with its fields, and leaves everything as it was', async () => {
    const made = await create()
    expect(
      await fields(change(made.name, { timeoutSeconds: 0, handler: 'nothing', parameterSchema: { type: 'string' } })),
    ).toEqual(['changes.handler', 'changes.parameterSchema.type', 'changes.timeoutSeconds'])
    expect(await getJobType(db, made.name)).toEqual(made)
    expect((await refusal(change('no.such', { maxRetries: 1 }))).reason).toBe('NOT_FOUND')
    expect((await refusal(listJobTypeVersions(db, { name: 'no.such', limit: 1 }))).reason).toBe('NOT_FOUND')
  })

  test('many changes of a job type at once are all kept, and each makes its own version', async () => {
    const { name } = await create()
    const changes: JobTypeChanges[] = [
      { maxRetries: 1 },
      { timeoutSeconds: 10 },
      { retentionDays: 2 },
      { description: 'x' },
      { priority: 'HIGH' },
    ]
    const all = await Promise.all(changes.map((each) => change(name, each)))
    expect(all.map(({ version }) => version).sort()).toEqual([2, 3, 4, 5, 6])
    expect(await getJobType(db, name)).toMatchObject({
      version: 6,
      maxRetries: 1,
      timeoutSeconds: 10,
      retentionDays: 2,
      description: 'x',
      priority: 'HIGH',
    })
    const first = await listJobTypeVersions(db, { name, limit: 4 })
    const second = await listJobTypeVersions(db, { name, limit: 4, cursor: first.nextCursor! })
    expect([...first.items, ...second.items].map(({ version }) => version)).toEqual([6, 5, 4, 3, 2, 1])
    expect(second.nextCursor).toBeNull()
  })

  test('a refused change of a job type leaves the caller’s transaction usable, and a rollback leaves nothing', async () => {
    const made = await create()
    await expect(
      db.$transaction(async (tx) => {
        await refusal(changeJobType(tx, { ...by, name: made.name, changes: { timeoutSeconds: 0 } }))
        await refusal(createJobType(tx, { ...by, type: { ...fresh(), name: made.name } }))
        expect((await changeJobType(tx, { ...by, name: made.name, changes: { maxRetries: 1 } })).version).toBe(2)
        throw new Error('the caller fails')
      }),
    ).rejects.toThrow('the caller fails')
    expect(await getJobType(db, made.name)).toEqual(made)
    expect(await versions(made.name)).toHaveLength(1)
  })
})
