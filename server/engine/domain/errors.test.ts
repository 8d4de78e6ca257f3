import { expect, test, vi } from 'vitest'
import { EngineError } from './errors'

test('a refusal is recognized by a second copy of this module, because a web process loads two', async () => {
  vi.resetModules()
  const copy = await import('./errors')
  expect(copy.EngineError).not.toBe(EngineError)
  const refused = new copy.EngineError('NOT_FOUND', 'There is no such job.')
  expect(refused).toBeInstanceOf(EngineError)
  expect(refused).toBeInstanceOf(Error)
})

test.each([new Error('EngineError'), { name: 'EngineError', reason: 'NOT_FOUND' }, 'EngineError', null, undefined])(
  '%s is not recognized as a refusal',
  (value) => {
    expect(value instanceof EngineError).toBe(false)
  },
)
