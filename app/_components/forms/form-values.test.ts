import { describe, expect, test } from 'vitest'
import { branchOf, intoBranch } from './form-values'
import type { FormNode } from './form-node'
import { formOf } from './schema-form'

const object = (by: string, properties: object, required: string[] = []) => ({
  type: 'object',
  properties: { by: { const: by }, ...properties },
  required: ['by', ...required],
})
const field = (schema: object): FormNode => {
  const form = formOf({ type: 'object', properties: { x: schema } })
  if (form.kind !== 'object') throw new Error('an object was expected')
  return form.fields[0]!.node
}
const branches = (schema: object) => {
  const node = field(schema)
  if (node.kind !== 'branches') throw new Error(`branches were expected, not ${node.kind}`)
  return node.options
}

describe('a union in a form', () => {
  const pay = {
    properties: { note: { type: 'string' } },
    oneOf: [object('card', { pan: { type: 'string' } }), { title: 'Bank', ...object('bank_account', {}) }],
  }

  test('a union has a branch for each alternative, labelled with its title or the constant that tells it apart', () => {
    expect(branches(pay).map(({ label }) => label)).toEqual(['Card', 'Bank'])
    expect(branches({ anyOf: [{ type: 'string' }, { type: 'number' }] }).map(({ label }) => label)).toEqual([
      'Text',
      'Number',
    ])
    // Fields beside the union belong to each branch.
    expect(branches(pay)[0]!.node).toMatchObject({ fields: [{ name: 'note' }, { name: 'by' }, { name: 'pan' }] })
  })

  test('a union that only adds null becomes the field itself, with the title that stands beside the union', () => {
    expect(field({ title: 'Due', anyOf: [{ type: 'string', format: 'date' }, { type: 'null' }] })).toMatchObject({
      kind: 'text',
      format: 'date',
      title: 'Due',
    })
  })

  test('a union becomes one JSON field if the form cannot draw every branch', () => {
    expect(field({ oneOf: [{ type: 'string' }, {}] }).kind).toBe('json')
  })

  test('a value leads back to the branch that it belongs to', () => {
    expect(branchOf(branches(pay), { by: 'bank_account' })).toBe(1)
    expect(branchOf(branches(pay), { by: 'cash' })).toBeNull()
    expect(branchOf(branches(pay), undefined)).toBeNull()
    const parts = branches({
      anyOf: [
        { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] },
        { type: 'object', properties: { b: { type: 'string' } }, required: ['b'] },
      ],
    })
    expect([branchOf(parts, { b: 'x' }), branchOf(parts, {}), branchOf(parts, 'text')]).toEqual([1, 0, null])
  })

  test('choosing another branch keeps the fields that both share, and sets the new constant', () => {
    const [card, bank] = branches(pay)
    expect(intoBranch(card!.node, bank!.node, { by: 'card', note: 'n', pan: '4' })).toEqual({
      by: 'bank_account',
      note: 'n',
    })
    expect(intoBranch(undefined, card!.node, undefined)).toEqual({ by: 'card' })
  })

  test('choosing another branch keeps a choice that both offer, and drops one that the new branch does not offer', () => {
    const list = (...options: string[]) => ({ type: 'array', uniqueItems: true, items: { enum: options } })
    const [first, second] = branches({
      properties: { region: { enum: ['eu', 'us'] } },
      oneOf: [
        object('mail', { channels: list('mail', 'sms'), size: { enum: ['S', 'L'] } }),
        object('app', { channels: list('mail', 'push'), size: { enum: ['M', 'L'] } }),
      ],
    })
    const typed = { by: 'mail', region: 'us', channels: ['sms', 'mail'], size: 'S' }
    expect(intoBranch(first!.node, second!.node, typed)).toEqual({ by: 'app', region: 'us', channels: ['mail'] })
    expect(intoBranch(first!.node, second!.node, { ...typed, size: 'L' })).toMatchObject({ size: 'L' })
  })
})

describe('members and items without fixed names in a form', () => {
  test('a map asks for names and values, beside the fields with fixed names', () => {
    expect(field({ type: 'object', additionalProperties: { type: 'number' } })).toMatchObject({
      kind: 'object',
      fields: [],
      rest: { kind: 'number' },
    })
    expect(
      field({
        type: 'object',
        properties: { a: { type: 'string' } },
        patternProperties: { '^x-': { type: 'string' } },
      }),
    ).toMatchObject({ fields: [{ name: 'a' }], rest: { kind: 'text' } })
    expect(field({ type: 'object', properties: { a: {} }, additionalProperties: false })).toMatchObject({ rest: null })
  })

  test('a map whose names decide which of two schemas counts is left to the JSON view', () => {
    const schema = { patternProperties: { '^x-': { type: 'string' } }, additionalProperties: { type: 'number' } }
    expect(field({ type: 'object', properties: { a: {} }, ...schema })).toMatchObject({ rest: null })
  })

  test('a tuple asks for each item by its own kind, and for more items where the schema allows them', () => {
    const tuple = { type: 'array', prefixItems: [{ type: 'string', title: 'Unit' }, { type: 'integer' }] }
    expect(field(tuple)).toMatchObject({ kind: 'tuple', items: [{ kind: 'text' }, { kind: 'number' }], rest: null })
    expect(field({ ...tuple, items: { type: 'boolean' } })).toMatchObject({ rest: { kind: 'boolean' } })
  })
})
