import { describe, expect, it } from 'vitest'
import { maskSensitive } from '@/server/engine/domain/sensitive'
import { initialValue, withField, maskedBy } from './form-values'
import { childPath, ownMember, type Json } from './json'
import { choiceLabel, labelOf, type FormNode } from './form-node'
import { formOf, marksOf } from './schema-form'
import { checkParameters } from './check-parameters'
import { unmarked } from './unmarked'

const fields = (node: FormNode) => {
  if (node.kind !== 'object') throw new Error(`an object was expected, not ${node.kind}`)
  return Object.fromEntries(node.fields.map((field) => [field.name, field]))
}

describe('formOf', () => {
  it('a form has its fields in the order of the schema, whether they are required or not', () => {
    expect(
      Object.keys(
        fields(
          formOf({
            type: 'object',
            required: ['to'],
            properties: { recipient: { type: 'string' }, from: { type: 'string' }, to: { type: 'string' } },
          }),
        ),
      ),
    ).toEqual(['recipient', 'from', 'to'])
  })

  it('a form asks for names that the schema leaves open, and leaves them to the JSON view where the name decides which schema counts', () => {
    const restOf = (schema: object) => {
      const form = formOf({ type: 'object', properties: { id: { type: 'string' } }, ...schema })
      return form.kind === 'object' ? (form.rest?.kind ?? null) : form.kind
    }
    const number = { type: 'number' }
    expect(restOf({ additionalProperties: number })).toBe('number')
    expect(restOf({ patternProperties: { '^n': number } })).toBe('number')
    expect(restOf({ patternProperties: { '^n': number }, additionalProperties: false })).toBe('number')
    expect(restOf({ patternProperties: { '^n': number }, additionalProperties: { type: 'string' } })).toBeNull()
    expect(restOf({ patternProperties: { '^n': number, '^s': { type: 'string' } } })).toBeNull()
  })

  it('each plain type of a schema gets a control of its own', () => {
    const form = fields(
      formOf({
        type: 'object',
        required: ['id'],
        properties: {
          id: { type: 'string', title: 'Invoice', examples: ['INV-1'] },
          count: { type: 'integer', minimum: 0, maximum: 9 },
          ratio: { type: ['number', 'null'] },
          on: { type: 'boolean', default: false },
          mode: { enum: ['a', 'b'] },
          day: { type: 'string', format: 'date' },
          text: { type: 'string', maxLength: 2000 },
          rows: { type: 'array', items: { type: 'string' }, maxItems: 3 },
          states: { type: 'array', uniqueItems: true, items: { enum: ['X', 'Y'] } },
          kind: { oneOf: [{ const: 1 }, { const: 2 }] },
        },
      }),
    )
    expect(form.id).toMatchObject({ required: true, node: { kind: 'text', title: 'Invoice', placeholder: 'INV-1' } })
    expect(form.count?.node).toMatchObject({ kind: 'number', integer: true, min: 0, max: 9 })
    expect(form.ratio?.node).toMatchObject({ kind: 'number', integer: false })
    expect(form.on?.node).toMatchObject({ kind: 'boolean', initial: false })
    expect(form.mode?.node).toMatchObject({ kind: 'enum', options: ['a', 'b'] })
    expect(form.day?.node).toMatchObject({ format: 'date' })
    expect(form.text?.node).toMatchObject({ format: 'multiline' })
    expect(form.rows?.node).toMatchObject({ kind: 'array', maxItems: 3, item: { kind: 'text' } })
    expect(form.states?.node).toMatchObject({ kind: 'choices', options: ['X', 'Y'] })
    expect(form.kind?.node).toMatchObject({ kind: 'enum', options: [1, 2] })
  })

  it('a schema that has no control becomes a JSON field, even as a whole', () => {
    const form = fields(
      formOf({
        type: 'object',
        properties: {
          any: {},
          free: { type: 'object' },
          both: { type: ['string', 'number'] },
          either: { anyOf: [{ type: 'string' }, {}] },
        },
      }),
    )
    expect(Object.values(form).map((field) => field.node.kind)).toEqual(['json', 'json', 'json', 'json'])
    expect(formOf(true).kind).toBe('json')
    expect(formOf({ type: 'string' }).kind).toBe('json')
  })

  it('a form follows references within the schema, and ends in a JSON field where one leads back to itself for ever', () => {
    const tree = {
      type: 'object',
      properties: { node: { $ref: '#/$defs/node', title: 'Root' } },
      $defs: { node: { type: 'object', properties: { name: { type: 'string' }, next: { $ref: '#/$defs/node' } } } },
    }
    const root = fields(formOf(tree)).node?.node
    expect(root).toMatchObject({ kind: 'object', title: 'Root' })
    expect(JSON.stringify(root)).toContain('"kind":"json"')
  })
})

describe('sensitive fields', () => {
  const secret = { type: 'string', 'x-sensitive': true }
  const schema = {
    type: 'object',
    properties: {
      user: { type: 'string' },
      password: secret,
      login: { $ref: '#/$defs/login' },
      vault: { type: 'object', 'x-sensitive': true, properties: { key: { type: 'string' } } },
      tokens: { type: 'array', items: secret },
      rows: {
        type: 'array',
        items: { type: 'object', properties: { name: { type: 'string' }, key: { $ref: '#/$defs/key' } } },
      },
      either: { anyOf: [{ $ref: '#/$defs/login' }, { type: 'number' }] },
      free: { type: 'object' },
      anchored: { $ref: '#key' },
    },
    $defs: {
      key: { ...secret, $anchor: 'key' },
      login: { type: 'object', properties: { realm: { type: 'string' }, password: { $ref: '#/$defs/key' } } },
    },
  }

  it('a sensitive field is recognized behind a reference, inside a sensitive object, and in a branch of a union', () => {
    const form = fields(formOf(schema))
    expect(form.password?.node).toMatchObject({ kind: 'text', sensitive: true })
    expect(fields(form.login!.node).password?.node.sensitive).toBe(true)
    expect(fields(form.vault!.node).key?.node.sensitive).toBe(true)
    expect(form.either?.node).toMatchObject({
      kind: 'branches',
      options: [{ node: { fields: [{ name: 'realm' }, { name: 'password', node: { sensitive: true } }] } }, {}],
    })
    expect([form.user, form.login, form.tokens, form.free].map((field) => field?.node.sensitive)).toEqual([
      false,
      false,
      false,
      false,
    ])
  })

  it('sensitive values are masked wherever they are, and nothing else is', () => {
    const given: { [key: string]: Json } = {
      user: 'ada',
      password: 'x',
      login: { realm: 'r', password: 'x' },
      vault: { key: 'x' },
      tokens: ['x'],
      rows: [{ name: 'a', key: 'x' }, { name: 'b' }],
      either: { password: 'x' },
      free: { y: 1 },
      stranger: 2,
    }
    expect(maskedBy(marksOf(schema), given)).toEqual({
      user: 'ada',
      password: '[masked]',
      login: { realm: 'r', password: '[masked]' },
      vault: '[masked]',
      tokens: ['[masked]'],
      rows: [{ name: 'a', key: '[masked]' }, { name: 'b' }],
      either: { password: '[masked]' },
      free: { y: 1 },
      stranger: 2,
    })
    expect(given.password).toBe('x')
  })

  it('a sensitive value is masked where only a condition or a second pattern names it, so that the form has no field for it', () => {
    const then = {
      type: 'object',
      properties: { kind: { type: 'string' } },
      if: { properties: { kind: { const: 'card' } } },
      then: { properties: { token: { type: 'string', 'x-sensitive': true } } },
      patternProperties: { '^x-': { type: 'string' }, '-secret$': { type: 'string', 'x-sensitive': true } },
    }
    expect(maskedBy(marksOf(then), { kind: 'card', token: 't', 'x-secret': 's', 'x-open': 'o' })).toEqual({
      kind: 'card',
      token: '[masked]',
      'x-secret': '[masked]',
      'x-open': 'o',
    })
  })
})

describe('values, labels and paths of a form', () => {
  it('a new form holds the defaults of the schema and the objects that are required', () => {
    const form = formOf({
      type: 'object',
      required: ['must'],
      properties: {
        a: { type: 'integer', default: 0 },
        b: { type: 'string' },
        must: { type: 'object', properties: { c: { default: 'x', type: 'string' } } },
        may: { type: 'object', properties: { d: { default: 'y', type: 'string' } } },
      },
    })
    expect(initialValue(form)).toEqual({ a: 0, must: { c: 'x' } })
  })

  it('a required box without a default starts as false', () => {
    const properties = { sure: { type: 'boolean' }, on: { type: 'boolean', default: true }, maybe: { type: 'boolean' } }
    expect(initialValue(formOf({ type: 'object', required: ['sure', 'on'], properties }))).toEqual({
      sure: false,
      on: true,
    })
  })

  it('setting or removing a field gives a new value and leaves the old one as it was', () => {
    const before = { a: 1, b: 2 }
    expect(withField(before, 'b', undefined)).toEqual({ a: 1 })
    expect(withField(before, 'c', 3)).toEqual({ a: 1, b: 2, c: 3 })
    expect(withField(undefined, 'c', 3)).toEqual({ c: 3 })
    expect(before).toEqual({ a: 1, b: 2 })
  })

  it('labels are written for people, and paths as the server writes them', () => {
    const node = formOf({ type: 'object', properties: { x: {} } })
    expect(labelOf('invoiceId', node)).toBe('Invoice id')
    expect(labelOf('max_rows', node)).toBe('Max rows')
    expect(childPath(childPath(childPath('', 'rows'), 2), 'a b')).toBe('rows[2]["a b"]')
  })
})

it('a field named like a member of every object (constructor, toString) starts empty, and its problem is shown at the field', () => {
  for (const name of ['constructor', 'valueOf', 'toString', 'hasOwnProperty']) {
    expect(ownMember({}, name)).toBeUndefined()
    expect(ownMember({ [name]: 1 }, name)).toBe(1)
    const schema = { type: 'object', required: [name], properties: { [name]: {} } }
    const problems = checkParameters(schema, {})
    expect(problems).toEqual({ [name]: 'This is required.' })
    expect(unmarked(problems, formOf(schema), {})).toEqual([])
  }
})

it('a field named __proto__ is set as a field and not as the prototype', () => {
  expect(JSON.stringify(withField({ a: 1 }, '__proto__', { b: 2 }))).toBe('{"a":1,"__proto__":{"b":2}}')
})

it('a reference to a missing schema named like a member of every object (constructor) leads nowhere', () => {
  expect(formOf({ type: 'object', properties: { a: { $ref: '#/$defs/constructor' } }, $defs: {} })).toMatchObject({
    fields: [{ node: { kind: 'json' } }],
  })
})

describe('what the server masks is hidden in the form too', () => {
  const token = { type: 'string', 'x-sensitive': true }
  const inForm = (schema: object) => fields(formOf({ type: 'object', ...schema }))
  const hidden = (schema: object) =>
    Object.entries(inForm(schema))
      .filter(([, { node }]) => node.sensitive)
      .map(([name]) => name)

  it.each<[string, object]>([
    [
      'a mark behind a reference into a list',
      {
        properties: {
          a: { type: 'array', prefixItems: [token] },
          secret: { $ref: '#/properties/a/prefixItems/0' },
          open: { type: 'string' },
        },
      },
    ],
    [
      'a mark in an allOf beside the properties',
      { properties: { secret: { type: 'string' }, open: {} }, allOf: [{ properties: { secret: token } }] },
    ],
    [
      'a mark that holds only under a condition',
      {
        properties: { secret: { type: 'string' }, open: { type: 'string' } },
        if: { properties: { open: { const: 'x' } } },
        then: { properties: { secret: token } },
      },
    ],
    [
      'a mark of the values of a group of tick boxes',
      {
        properties: {
          secret: { type: 'array', uniqueItems: true, items: { enum: ['a', 'b'], 'x-sensitive': true } },
          open: { type: 'array', uniqueItems: true, items: { enum: ['a', 'b'] } },
        },
      },
    ],
    [
      'a mark by a pattern that the name matches',
      {
        properties: { secret: { type: 'string' }, open: { type: 'string' } },
        patternProperties: { '^sec': { 'x-sensitive': true } },
      },
    ],
    [
      'a mark beside the forms of a union',
      {
        properties: {
          secret: { oneOf: [{ type: 'object', properties: { a: token } }, { type: 'string' }], 'x-sensitive': true },
          open: { type: 'string' },
        },
      },
    ],
  ])('the form hides a field because of %s, as the server masks its value', (_, schema) => {
    expect(hidden(schema)).toEqual(['secret'])
    const given = { secret: ['a'], open: ['b'] }
    const { places } = maskSensitive({ type: 'object', ...schema } as Json, given)
    expect([...new Set(places.map(([name]) => name))]).toEqual(['secret'])
  })

  it('a field of one form of a union is hidden where another form marks the field of that name', () => {
    const form = formOf({
      oneOf: [
        { type: 'object', properties: { key: { type: 'string' } }, required: ['key'] },
        { type: 'object', properties: { key: token } },
      ],
    })
    if (form.kind !== 'branches') throw new Error(`a union was expected, not ${form.kind}`)
    expect(form.options.map(({ node }) => fields(node).key?.node.sensitive)).toEqual([true, true])
  })
})

it('a field of a union that allows only null is asked for as JSON, and not as a choice of nothing', () => {
  const { nothing } = fields(formOf({ type: 'object', properties: { nothing: { anyOf: [{ type: 'null' }] } } }))
  expect(nothing?.node.kind).toBe('json')
})

it('a reference that is no text of an address gives a JSON field', () => {
  const { odd } = fields(formOf({ type: 'object', properties: { odd: { $ref: '#/$defs/50%' } } }))
  expect(odd?.node.kind).toBe('json')
})

it('two choices that differ only by a character that nobody sees have different labels', () => {
  expect(choiceLabel('fast')).toBe('fast')
  expect(choiceLabel('fa\u200bst')).not.toBe('fast')
  expect(choiceLabel('fa\u200bst')).toMatch(/^[ -~]+$/)
  expect(choiceLabel({ a: 'b\u202ec' })).toMatch(/^[ -~]+$/)
  expect([choiceLabel(4), choiceLabel(null)]).toEqual(['4', 'null'])
})
