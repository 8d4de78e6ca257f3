import { expect, test } from 'vitest'
import { CommandError } from './command-error'
import { forEach } from './outcomes'

test('a refusal of one id is kept beside what was done to the others', async () => {
  const act = (id: string) =>
    id === 'b' ? Promise.reject(new CommandError('It has ended.')) : Promise.resolve({ worker: id.toUpperCase() })
  expect(await forEach(['a', 'b', 'c'], act)).toEqual([
    { id: 'a', worker: 'A' },
    { id: 'b', error: { reason: 'COMMAND', message: 'It has ended.' } },
    { id: 'c', worker: 'C' },
  ])
})
