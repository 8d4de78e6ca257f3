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

test('a value that is none of the choices is shown as what it is, and not as the first choice', () => {
  const marks = (html: string) =>
    [...html.matchAll(/<option[^>]* selected=""[^>]*>([^<]*)</g)].map(([, label]) => label)
  expect(marks(drawn({ enum: ['a', 'b'] }, 'c'))).toEqual(['c, none of the choices'])
  expect(marks(drawn({ type: 'boolean' }, 'perhaps'))).toEqual(['perhaps, none of the choices'])
  const list = { type: 'array', uniqueItems: true, items: { enum: ['mail', 'post'] } }
  expect(drawn(list, ['sms'])).toMatch(/checked=""[^>]*\/>sms</)
})
