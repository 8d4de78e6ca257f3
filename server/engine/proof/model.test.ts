import { expect, test } from 'vitest'
import { Model } from './model'

// The model itself, where random runs seldom come.

test('a job that needs two dead ones is brought back by the second, after the first alone was retried', () => {
  const model = new Model()
  const given = { type: 'plain', hash: null, parents: [], ended: [] } as const
  model.submit('a', given)
  model.submit('b', given)
  model.submit('child', { ...given, parents: ['b', 'a'] })
  model.submit('grandchild', { ...given, parents: ['child'] })
  model.cancel('a')
  model.cancel('b')
  const causes = () => ['child', 'grandchild'].map((id) => model.job(id).cause)
  expect(causes()).toEqual(['a', 'a'])
  model.retry('a')
  expect(causes()).toEqual(['b', 'b'])
  expect(model.retry('child')).toBe('INVALID_DEPENDENCY')
  model.retry('b')
  expect(causes()).toEqual([null, null])
  expect(model.ids(({ status }) => status === 'PENDING')).toEqual(['a', 'b', 'child', 'grandchild'])
})
