import { Validator as AnswerValidator, type Schema } from '@cfworker/json-schema'
import { Validator } from '@seriousme/openapi-schema-validator'
import { describe, expect, it } from 'vitest'
import { EngineError } from '@/server/engine'
import { REFUSALS } from '@/server/engine/domain/errors'
import { shapeError } from '../errors'
import { appRouter } from '../root'
import { z } from '../schemas/zod'
import { authenticated, router } from '../trpc'
import { openApiDocument, pathOf } from './document'
import { toJsonSchema } from './json-schema'
import { proceduresOf } from './procedures'

const document = openApiDocument(appRouter, { origin: 'http://localhost:3000', version: '1.0.0' })

describe('the OpenAPI document', () => {
  it('the OpenAPI document is valid OpenAPI 3.1, and every reference in it leads somewhere', async () => {
    const validator = new Validator()
    const { valid, errors } = await validator.validate({ ...structuredClone(document) })
    expect(errors).toBeUndefined()
    expect(valid).toBe(true)
    expect(validator.version).toBe('3.1')
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name!,
    )
    expect(references.length).toBeGreaterThan(100)
    expect(new Set(references)).toEqual(new Set(Object.keys(document.components.schemas)))
  })

  it('the OpenAPI document has every procedure under its path and method, with the input that the router takes', () => {
    for (const procedure of proceduresOf(appRouter)) {
      const methods = document.paths[pathOf(procedure)]!
      expect(Object.keys(methods), procedure.path).toEqual([procedure.kind === 'mutation' ? 'post' : 'get'])
      const { requestBody, parameters } = Object.values(methods)[0]!
      const input = requestBody ?? parameters?.[0]
      expect(input !== undefined, procedure.path).toBe(procedure.input !== undefined)
      if (!input || !procedure.input) continue
      expect(input.required, procedure.path).toBe(!procedure.input.safeParse(undefined).success)
      const { schema, example } = input.content!['application/json']!
      const check = new AnswerValidator({ ...schema, components: document.components } as Schema, '2020-12')
      expect(check.validate(example).errors, procedure.path).toEqual([])
      expect(check.validate({ ...(example as object), colour: 'red' }).valid, procedure.path).toBe(false)
    }
  })

  it('the OpenAPI document describes every refusal', () => {
    const check = new AnswerValidator(
      { ...document.components.schemas.Error, components: document.components } as Schema,
      '2020-12',
    )
    for (const reason of REFUSALS) {
      const data = {
        fields: [{ path: 'a', message: 'b' }],
        existingJobId: 'c',
        existingStatus: 'd',
        from: 'e',
        to: 'f',
        retryAfterSeconds: 1,
      }
      const error = JSON.parse(JSON.stringify({ error: shapeError(new EngineError(reason, 'No.', data)) })) as unknown
      expect(check.validate(error).errors, reason).toEqual([])
    }
    expect(
      check.validate({
        error: { message: 'No.', code: -32600, data: { code: 'BAD_REQUEST', httpStatus: 400, reason: 'WHATEVER' } },
      }).valid,
    ).toBe(false)
    const submit = document.paths['/api/trpc/jobs.submit']!.post!
    expect(submit.responses['409']?.description).toMatch(/`IDEMPOTENCY_MISMATCH`.*\n\n`DUPLICATE_JOB`/)
  })

  it('the OpenAPI document asks for the credentials that a caller really needs', () => {
    const secured = Object.fromEntries(
      proceduresOf(appRouter).map((procedure) => [
        procedure.path,
        Object.values(document.paths[pathOf(procedure)]!)[0]!.security,
      ]),
    )
    const {
      'members.accept': accept,
      'attempts.progress': progress,
      'attempts.complete': complete,
      'attempts.fail': fail,
      ...others
    } = secured
    expect([progress, complete, fail]).toEqual([[{ attemptToken: [] }], [{ attemptToken: [] }], [{ attemptToken: [] }]])
    expect(accept).toEqual([{}, { session: [] }])
    expect(Object.values(others).every((security) => security === undefined)).toBe(true)
    const known = new Set(Object.keys(document.components.securitySchemes))
    for (const scheme of [document.security, ...Object.values(secured)].flatMap((each = []) =>
      each.flatMap(Object.keys),
    ))
      expect(known).toContain(scheme)
  })

  it('the OpenAPI document names RATE_LIMITED for artifacts, and for each query and mutation whose caller is known, and for no other', () => {
    for (const procedure of proceduresOf(appRouter).filter(({ kind }) => kind !== 'subscription')) {
      const limited = Object.values(document.paths[pathOf(procedure)]!)[0]!.responses['429']?.description ?? ''
      expect(limited.includes('`RATE_LIMITED`'), procedure.path).toBe(procedure.caller === 'known')
    }
    expect(document.paths['/api/artifacts/{jobId}/{name}']!.get!.responses['429']?.description).toContain(
      '`RATE_LIMITED`',
    )
  })

  it('the OpenAPI document says that a stream is refused within the stream', () => {
    const { responses, description } = document.paths['/api/trpc/jobs.watch']!.get!
    expect(Object.keys(responses)).toEqual(['200'])
    expect(responses['200']!.description).toContain('`event: serialized-error`')
    for (const reason of [
      'UNAUTHENTICATED',
      'RATE_LIMITED',
      'INVALID_INPUT',
      'NOT_FOUND',
      'ORGANIZATION_SUSPENDED',
      'UNAVAILABLE',
      'INTERNAL',
    ])
      expect(description).toContain(`\n\n\`${reason}\`: `)
  })

  it('a procedure without a description makes the OpenAPI document fail', () => {
    const silent = router({ things: router({ get: authenticated.output(z.string()).query(() => 'a') }) })
    expect(() => openApiDocument(silent, { origin: 'http://localhost:3000', version: '1' })).toThrow('things.get')
  })
})

it('two different schemas with the same name make the OpenAPI document fail', () => {
  const components = new Map()
  toJsonSchema(z.object({ it: z.string().meta({ id: 'Twice' }) }), 'output', components)
  // Some versions of Zod refuse a name that their registry holds already. This test is about our own check.
  z.globalRegistry.clear()
  expect(() => toJsonSchema(z.object({ it: z.number().meta({ id: 'Twice' }) }), 'output', components)).toThrow('Twice')
})
