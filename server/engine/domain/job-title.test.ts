import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jobTitle, MAX_TITLE, titleProblem } from './job-title'
import { maskSensitive } from './sensitive'
import type { Json } from './types'

const titled = (title: string | null, parameters: Json, parameterSchema: Json = {}) =>
  jobTitle({ title, displayName: 'Render invoice', parameterSchema }, parameters)

describe('the title of a job', () => {
  it.each<[string, string | null, Json, string]>([
    [
      'is its type’s template, filled in',
      '{customer.name} · {month}',
      { customer: { name: 'Acme' }, month: '2026-11' },
      'Acme · 2026-11',
    ],
    ['takes numbers and truth values', '{n} {ok}', { n: 12.5, ok: false }, '12.5 false'],
    ['reaches into lists', '{lines.0.sku}', { lines: [{ sku: 'A-1' }] }, 'A-1'],
    ['shows a dash for what is missing', '{a} · {b}', { b: 'x' }, '– · x'],
    ['shows a dash for null, an object and an empty text', '{a}{b}{c}{d}', { a: null, b: {}, c: '', d: 'x' }, '–––x'],
    ['falls back to the values where nothing of the template is there', 'For {a}', { b: 'x', c: 2 }, 'x · 2'],
    ['keeps a template without places', 'Nightly run', { b: 'x' }, 'Nightly run'],
    ['may hold braces', '{{{a}}}', { a: 1 }, '{1}'],
    [
      'is the first three values without a template',
      null,
      { a: 'one', b: { c: 2 }, d: null, e: [true], f: 'four' },
      'one · 2 · true',
    ],
    ['is the type’s name where there is no value', null, {}, 'Render invoice'],
    ['finds no value behind the names of Object', '{constructor.name}{toString}', { x: 'y' }, 'y'],
    ['is one line', '{a}', { a: ' one\r\n\ttwo ' }, 'one two'],
    [
      'holds nothing that hides or turns text',
      '{a}',
      { a: 'pay\u202Eexe\u200B.txt\u0007\u2066x\uFEFF' },
      'pay exe .txt x',
    ],
  ])('the title of a job: %s', (_, template, parameters, expected) =>
    expect(titled(template, parameters)).toBe(expected),
  )

  it('a title without a template has the first values in the order of the schema', () => {
    expect(titled(null, { to: 'b', n: 1, from: 'a' }, { properties: { from: {}, to: {} } })).toBe('a · b · 1')
  })

  it('a title never holds a sensitive value', () => {
    const schema = {
      type: 'object',
      properties: { token: { type: 'string', 'x-sensitive': true }, name: { type: 'string' } },
    }
    const { parameters } = maskSensitive(schema, { token: 'hunter2', name: 'Ada' })
    expect(titled(null, parameters, schema)).toBe('Ada')
    expect(titled('{name} {token}', parameters, schema)).not.toContain('hunter2')
  })

  it('a title is never empty, too long, of several lines, or cut within a character, whatever the parameters are', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ stringUnit: 'binary' }),
        fc.constantFrom(null, '{a} · {b.c}', '{0}'),
        (value, template) => {
          const title = titled(template, value as Json)
          expect(title.length).toBeGreaterThan(0)
          expect(title.length).toBeLessThanOrEqual(MAX_TITLE)
          expect(title.isWellFormed()).toBe(true)
          expect(title).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
        },
      ),
    )
    expect(titled('{a}{a}{a}', { a: '😀'.repeat(100_000) }).length).toBeLessThanOrEqual(MAX_TITLE)
    expect(titled('{a} · {b}', { a: 'x'.repeat(1000), b: 'end' })).toMatch(/^x{79}… · end$/)
  })
})

describe('the check of a template', () => {
  const schema: Json = {
    type: 'object',
    additionalProperties: false,
    properties: {
      customer: { type: 'object', additionalProperties: false, properties: { name: { type: 'string' } } },
      month: { type: ['string', 'null'] },
      lines: { type: 'array', items: { $ref: '#/$defs/line' } },
      free: { type: 'object' },
      either: { anyOf: [{ type: 'string' }, { type: 'object', properties: { id: {} }, additionalProperties: false }] },
      tree: { $ref: '#/$defs/tree' },
    },
    $defs: {
      line: { type: 'object', properties: { sku: {} }, additionalProperties: false },
      tree: { type: 'object', properties: { kid: { $ref: '#/$defs/tree' }, name: {} }, additionalProperties: false },
    },
  }
  it.each([
    ['', /be null/],
    ['   ', /be null/],
    ['x'.repeat(501), /at most 500/],
    ['a\u202Eb', /cannot be seen/],
    ['a\nb', /control/],
    ['{month', /without its }/],
    ['month}', /without its {/],
    ['{a{month}', /without its }/],
    ['{}', /has \{\}/],
    ['{customer..name}', /write a path/],
    ['{custmer.name}', /names \{custmer\.name\}, which the parameter schema has no place for/],
    ['{month.day}', /no place/],
    ['{customer}', /is an object or a list/],
    ['{lines}', /is an object or a list/],
    ['{lines.0.name}', /no place/],
    ['{lines.first.sku}', /no place/],
    ['{either.name}', /no place/],
    ['{tree.kid.kid.nam}', /no place/],
  ])('the title template %j is refused', (template, problem) => expect(titleProblem(template, schema)).toMatch(problem))

  it.each([
    '{customer.name} · {month}',
    'Plain',
    '{{}}',
    '{lines.0.sku}',
    '{free.what.ever}',
    '{either}',
    '{either.id}',
    '{tree.kid.kid.name}',
    '{ month }',
  ])('the title template %j is accepted', (template) => expect(titleProblem(template, schema)).toBeNull())

  it('a template is judged although its schema refers to itself in five ways at each of 240 levels', () => {
    const branch = { type: 'object', properties: { a: { $ref: '#' } } }
    // Looked at anew at each level it would take for ever.
    expect(
      titleProblem(`{${Array.from({ length: 240 }, () => 'a').join('.')}}`, {
        anyOf: [branch, branch, branch, { ...branch }, { ...branch }],
      }),
    ).toMatch(/is an object or a list/)
  })
})
