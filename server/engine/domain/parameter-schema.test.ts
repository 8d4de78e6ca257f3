import { expect, it } from 'vitest'
import { checkParameterSchema } from './parameter-schema'
import type { Json } from './types'

const refused = (schema: Json) => checkParameterSchema({ type: 'object', ...(schema as object) })

it.each([
  ['properties', { properties: JSON.parse('{"__proto__":{"type":"string"}}') as Json }, '.properties.__proto__'],
  ['a default', { default: JSON.parse('{"a":[{"__proto__":1}]}') as Json }, '.default.a[0].__proto__'],
  ['$defs', { $defs: JSON.parse('{"__proto__":true}') as Json }, '.$defs.__proto__'],
])('a schema with the name __proto__ in %s is refused, because it could not be kept', (_, schema, path) => {
  expect(refused(schema)).toEqual([
    { path: `parameterSchema${path}`, message: expect.stringContaining('cannot be kept') as string },
  ])
})
