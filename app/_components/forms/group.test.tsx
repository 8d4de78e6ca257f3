import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import { FormContext } from './form-context'
import { formOf } from './schema-form'
import { SchemaField } from './schema-field'
import type { Json } from './json'

/** The form of one field, `amount`, as the page has it, where something is wrong with its value. */
function drawn(amount: object, value: Json): string {
  const node = formOf({ type: 'object', properties: { amount } })
  const state = {
    problemAt: (path: string) => (path === 'amount' ? 'Must be one of these.' : null),
    touch: () => {},
    setUnreadable: () => {},
  }
  return renderToStaticMarkup(
    <FormContext value={state}>
      <SchemaField node={node} name="" path="" required value={{ amount: value }} onChange={() => {}} />
    </FormContext>,
  )
}
const count = (text: string, part: string) => text.split(part).length - 1

test('what is wrong with a value that can be given in several ways is told once, and its description has an id of its own', () => {
  const union = { description: 'As much as you like.', oneOf: [{ type: 'string' }, { type: 'integer' }] }
  const html = drawn(union, 'much')
  expect(count(html, 'Must be one of these.')).toBe(1)
  expect(count(html, 'id="field-amount-note"')).toBe(1)
  expect(html).toContain('aria-describedby="field-amount-group-note"')
  expect(html).toContain('id="field-amount-group-note"')
})

test('what is wrong with an object that can be given in several ways is told at its group, which is described by it', () => {
  const way = (kind: string) => ({ type: 'object', properties: { kind: { const: kind } }, required: ['kind'] })
  const html = drawn({ oneOf: [way('cash'), way('bank')] }, { kind: 'cash' })
  expect(count(html, 'Must be one of these.')).toBe(1)
  expect(html).toContain('<fieldset aria-describedby="field-amount-note"')
})

test('two choices inside each other have their own ids and names', () => {
  const inner = { title: 'Amount in money', description: 'In euros.', oneOf: [{ type: 'number' }, { type: 'boolean' }] }
  const html = drawn({ description: 'As much.', oneOf: [inner, { type: 'string' }] }, 3)
  const ids = [...html.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id)
  expect(ids).toContain('field-amount-kind')
  expect(ids).toContain('field-amount-kind1')
  expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([])
  expect(html).toContain('Kind of amount<')
  expect(html).toContain('Kind of amount in money<')
})

const marks = (html: string) => [...html.matchAll(/<option[^>]* selected=""[^>]*>([^<]*)</g)].map(([, label]) => label)

test('a value that is none of the choices is shown as what it is, and not as the first choice', () => {
  expect(marks(drawn({ enum: ['a', 'b'] }, 'c'))).toEqual(['c, none of the choices'])
  expect(marks(drawn({ type: 'boolean' }, 'perhaps'))).toEqual(['perhaps, none of the choices'])
  const list = { type: 'array', uniqueItems: true, items: { enum: ['mail', 'post'] } }
  expect(drawn(list, ['sms'])).toMatch(/checked=""[^>]*\/>sms</)
})

test('a text, also one that says “true”, and an empty one, is shown as none of the choices of yes and no', () => {
  expect(marks(drawn({ type: 'boolean' }, 'true'))).toEqual(['true, none of the choices'])
  expect(marks(drawn({ type: 'boolean' }, ''))).toEqual(['Empty text, none of the choices'])
  expect(marks(drawn({ type: 'boolean' }, true))).toEqual(['Yes'])
})

test('a required yes or no with another value is a choice that shows that value, and not a box that seems to say no', () => {
  const html = drawn({ type: 'boolean', default: false }, 'perhaps')
  expect(html).not.toContain('type="checkbox"')
  expect(marks(html)).toEqual(['perhaps, none of the choices'])
  expect(drawn({ type: 'boolean', default: false }, true)).toContain('type="checkbox"')
})

test('a sensitive choice that is hidden is said to be hidden, and not to be none of the choices', () => {
  expect(marks(drawn({ enum: ['a', 'b'], 'x-sensitive': true }, '[masked]'))).toEqual(['As it is, hidden'])
  expect(marks(drawn({ type: 'boolean', 'x-sensitive': true }, '[masked]'))).toEqual(['As it is, hidden'])
  expect(marks(drawn({ enum: ['a', 'b'] }, '[masked]'))).toEqual(['[masked], none of the choices'])
})

test('an item of a list that is not filled in yet is empty, and is not shown as the value null', () => {
  const list = (items: object, value: Json) => drawn({ type: 'array', items }, value)
  expect(list({ type: 'integer' }, [null])).toContain('value=""')
  expect(marks(list({ enum: ['a', 'b'] }, [null]))).toEqual(['Choose'])
  expect(marks(list({ enum: ['a', null] }, [null]))).toEqual(['null'])
})

test('an entry of a map and a chosen way that are not filled in yet are empty, and are not shown as the value null', () => {
  const map = (entry: object) => drawn({ type: 'object', additionalProperties: entry }, { a: null })
  expect(map({ type: 'integer' })).not.toContain('value="null"')
  expect(marks(map({ enum: ['a', 'b'] }))).toEqual(['Choose'])
  expect(drawn({ oneOf: [{ type: 'integer' }, { type: 'string' }] }, null)).not.toContain('value="null"')
})
