import { describe, expect, it } from 'vitest'
import { childPath, formOf, initialValue, labelOf, withField, type FormNode } from './schema-form'

const fields = (node: FormNode) => {
  if (node.kind !== 'object') throw new Error(`an object was expected, not ${node.kind}`)
  return Object.fromEntries(node.fields.map((field) => [field.name, field]))
}

describe('formOf', () => {
  it('knows a control for each plain construct', () => {
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

  it('falls back to JSON for what it does not know, also at the root', () => {
    const form = fields(
      formOf({ type: 'object', properties: { any: {}, free: { type: 'object' }, union: { anyOf: [{ type: 'string' }, { type: 'number' }] }, both: { type: ['string', 'number'] } } }),
    )
    expect(Object.values(form).map((field) => field.node.kind)).toEqual(['json', 'json', 'json', 'json'])
    expect(formOf(true).kind).toBe('json')
    expect(formOf({ type: 'string' }).kind).toBe('json')
  })

  it('follows local references and does not follow a recursive one for ever', () => {
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

describe('values', () => {
  it('begins with the defaults and with required objects only', () => {
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

  it('sets and removes fields without touching the given value', () => {
    const before = { a: 1, b: 2 }
    expect(withField(before, 'b', undefined)).toEqual({ a: 1 })
    expect(withField(before, 'c', 3)).toEqual({ a: 1, b: 2, c: 3 })
    expect(withField(undefined, 'c', 3)).toEqual({ c: 3 })
    expect(before).toEqual({ a: 1, b: 2 })
  })

  it('names fields for people, and paths as the server does', () => {
    const node = formOf({ type: 'object', properties: { x: {} } })
    expect(labelOf('invoiceId', node)).toBe('Invoice id')
    expect(labelOf('max_rows', node)).toBe('Max rows')
    expect(childPath(childPath(childPath('', 'rows'), 2), 'a b')).toBe('rows[2]["a b"]')
  })
})
