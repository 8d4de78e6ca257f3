import fc from 'fast-check'
import { expect, test } from 'vitest'
import { pathOf, pathSteps } from './parameter-path'

test('a place in parameters is the names on the way there, and a name with a dot stands in quotation marks', () => {
  expect(pathSteps('order.id')).toEqual(['order', 'id'])
  expect(pathSteps('lines.0.first name')).toEqual(['lines', '0', 'first name'])
  expect(pathSteps('"http.status"')).toEqual(['http.status'])
  expect(pathSteps('span."http.status".value')).toEqual(['span', 'http.status', 'value'])
  expect(pathOf(['span', 'http.status', 'value'])).toBe('span."http.status".value')
})

test('quotation marks that enclose no whole name are part of the name', () => {
  expect(pathSteps('5" screen.size')).toEqual(['5" screen', 'size'])
  expect(pathSteps('"open.id')).toEqual(['"open', 'id'])
  expect(pathSteps('"a"b.c')).toEqual(['"a"b', 'c'])
})

test('whatever the names are, the text of a place is read as the same names', () => {
  const name = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('a', '.', '"', '\\', '0', ' ') }))
  fc.assert(
    fc.property(fc.array(name, { minLength: 1 }), (steps) => {
      expect(pathSteps(pathOf(steps))).toEqual(steps)
    }),
  )
})
