import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { DEMO_JOB_TYPES } from '@/prisma/seed/demo-job-types'
import { DELIVERY_TYPE } from '@/server/engine/domain/alerts/message'
import { jobFilterFields } from '@/server/engine/domain/job-filter'
import { checkParameters as checkWith, smallMeter } from '@/server/engine/domain/parameters'
import { titleProblem } from '@/server/engine/domain/job-title'
import type { Json } from '@/server/engine/domain/types'
import { handlerKeys, isIsolated, loadHandler, SHIPPED_JOB_TYPES } from './catalog'
import { shapeProblem } from './shape'

// The meter limits the work of a check. These checks are small.
const checkParameters = (schema: Json, parameters: Json) => checkWith(schema, parameters, smallMeter())

test('every file of worker/handlers/ is a handler that can run, under the key that the file is named after', async () => {
  const names = await readdir(path.join(import.meta.dirname, '../handlers'))
  const files = names.filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  expect(handlerKeys().sort()).toEqual(files.map((file) => file.replace(/\.ts$/, '')).sort())
  for (const name of files.map((file) => file.replace(/\.ts$/, ''))) {
    const exported = (await import(`../handlers/${name}.ts`)) as { default: { key: string } }
    // Null: the export has everything that a handler needs.
    expect(shapeProblem(exported)).toBeNull()
    expect(exported.default.key).toBe(name)
  }
})

test.each(['nothing', 'constructor', '__proto__'])('the key "%s" finds no handler', async (key) => {
  expect(isIsolated(key)).toBeUndefined()
  await expect(loadHandler(key)).rejects.toThrow(`No handler "${key}"`)
})

/**
 * The smallest parameters of handlers for which `{}` is not enough: a request needs a destination, and an import a
 * file.
 */
const SMALLEST: Record<string, { [key: string]: Json }> = {
  'http.request': { url: 'https://billing.example.com/jobs' },
  'import.csv': { uploadId: '0199b2c0-0000-7000-8000-000000000001', columns: { name: { type: 'string' } } },
}

test('the job type that delivers alerts needs the role ADMIN (nobody may submit its jobs: submission refuses them by name)', () => {
  expect(SHIPPED_JOB_TYPES.find(({ name }) => name === DELIVERY_TYPE)).toMatchObject({ requiredRole: 'ADMIN' })
})

/** All but those that only Jobyard itself submits. */
const SUBMITTED = SHIPPED_JOB_TYPES.filter(({ name }) => name !== DELIVERY_TYPE)

test.each(SUBMITTED.map((type) => [type.name, SMALLEST[type.name] ?? {}, type] as const))(
  'an operator can submit %s with %j',
  async (_, parameters, type) => {
    expect(checkParameters(type.parameterSchema, parameters)).toEqual([])
    expect((await loadHandler(type.handler)).schema.safeParse(parameters).success).toBe(true)
    expect(type.requiredRole).toBe('OPERATOR')
  },
)

test.each(DEMO_JOB_TYPES.map((type) => [type.name, type] as const))(
  'every parameter of the demo type %s has a title, so that the submit form can label it, and its handler is there',
  (_, type) => {
    const properties = type.parameterSchema.properties as Record<string, { title?: string }>
    for (const field of Object.values(properties)) expect(field.title).toBeTruthy()
    expect(isIsolated(type.handler)).toBeDefined()
  },
)

test.each(
  [...SHIPPED_JOB_TYPES, ...DEMO_JOB_TYPES].flatMap((type) =>
    type.title === null ? [] : [[type.name, type.title, type.parameterSchema] as const],
  ),
)('the title of %s, %s, names values that its parameters have', (_, title, schema) =>
  expect(titleProblem(title, schema)).toBeNull(),
)

test.each([
  ['report.operations', { from: '2026-01-31', to: '2026-02-03T10:00:00Z' }],
  [
    'export.jobs',
    { status: ['COMPLETED'], jobType: ['a'], createdAfter: '2026-01-31T00:00:00+02:00', search: 'order' },
  ],
  [
    'export.jobs',
    {
      jobTypePrefix: 'mail.',
      priority: ['LOW'],
      submittedById: '01900000-0000-7000-8000-00000000abcd',
      errorFingerprint: 'f',
      waitingLongerThanSeconds: 60,
      waitingFor: ['PAUSED', 'CIRCUIT_OPEN'],
    },
  ],
  [
    'export.jobs',
    {
      args: [
        { path: 'order.id', value: 7 },
        { path: 'tags', value: null },
      ],
    },
  ],
  ['sample.work', { durationMs: 10, progressSteps: 2, mode: 'spin', failAttempts: 1, data: { a: [1, null] } }],
  [
    'http.request',
    {
      url: 'http://10.0.0.1:8080/x?y=1',
      method: 'PUT',
      headers: { 'X-Trace': 'a b', accept: 'text/csv' },
      body: [1, { a: null }],
      mode: 'report',
    },
  ],
])('schema and handler of %s agree on what is right', async (name, parameters) => {
  const type = SHIPPED_JOB_TYPES.find((candidate) => candidate.name === name)
  expect(checkParameters(type?.parameterSchema ?? {}, parameters)).toEqual([])
  expect((await loadHandler(name)).schema.safeParse(parameters).success).toBe(true)
})

test.each([
  ['report.operations', { from: 'yesterday' }],
  ['report.operations', { form: '2026-01-31' }],
  ['export.jobs', { status: ['DONE'] }],
  ['export.jobs', { search: 'ab' }],
  ['export.jobs', { waitingFor: ['TIRED'] }],
  ['export.jobs', { jobType: ['Not A Name'] }],
  ['export.jobs', { args: [{ path: '', value: 1 }] }],
  ['export.jobs', { args: [{ path: 'a' }] }],
  ['export.jobs', { args: [{ path: 'a', value: 1, values: [1] }] }],
  ['export.jobs', { organizationId: '01900000-0000-7000-8000-00000000abcd' }],
  ['sample.work', { durationMs: -1 }],
  ['sample.work', { mode: 'explode' }],
  ['http.request', {}],
  ['http.request', { url: 'ftp://a.example' }],
  ['http.request', { url: 'billing.example.com' }],
  ['http.request', { url: 'https://user:password@a.example' }],
  ['http.request', { url: 'https://a.example', method: 'TRACE' }],
  ['http.request', { url: 'https://a.example', headers: { 'a b': 'c' } }],
  ['http.request', { url: 'https://a.example', headers: { a: 'b\r\nc: d' } }],
  ['http.request', { url: 'https://a.example', secret: 'x' }],
])('schema and handler of %s agree on what is wrong: %j', async (name, parameters) => {
  const type = SHIPPED_JOB_TYPES.find((candidate) => candidate.name === name)
  expect(checkParameters(type?.parameterSchema ?? {}, parameters)).not.toEqual([])
  expect((await loadHandler(name)).schema.safeParse(parameters).success).toBe(false)
})

test('export.jobs takes every field of the filter that lists and bulk actions take', () => {
  const type = SHIPPED_JOB_TYPES.find(({ name }) => name === 'export.jobs')
  const fields = Object.keys(jobFilterFields).filter((name) => name !== 'organizationId')
  expect(Object.keys(type?.parameterSchema.properties as object).sort()).toEqual(fields.sort())
})
