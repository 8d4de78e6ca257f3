import { expect, it } from 'vitest'
import { readJson } from './read-json'

it('JSON text becomes its value, and empty text an empty object', () => {
  expect(readJson('{"a":[1.5,"x"]}')).toEqual({ value: { a: [1.5, 'x'] } })
  expect(readJson(' \n')).toEqual({ value: {} })
})

it('a number that JavaScript would round is refused, with its place in the text', () => {
  expect(readJson('{"order":{"ids":[1,9007199254740993]}}')).toEqual({
    problem: 'order.ids[1] cannot be kept exactly (it would become 9007199254740992): send it as a string',
  })
  expect(readJson('1e400')).toMatchObject({
    problem: expect.stringMatching(/^The number is beyond the range .*send it as a string$/) as string,
  })
})

it('text that is not JSON is refused with a reason', () => {
  expect(readJson('{"a":')).toMatchObject({ problem: expect.stringMatching(/^This is not JSON yet/) as string })
})

it('a field that is given twice is refused with its place, because only the last one would be kept', () => {
  expect(readJson('{"order":{"id":1,"lines":[{"n":1,"\\u006e":2}]}}')).toEqual({
    problem: 'order.lines[0].n is given twice: keep one of them',
  })
  expect(readJson('{"a":{"b":1},"c":{"b":1},"b":[{"b":1},{"b":1}]}')).toHaveProperty('value')
  expect(readJson('{"a":"\\"b\\":1,\\"b\\":2"}')).toHaveProperty('value')
})
