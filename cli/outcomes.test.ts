import { expect, test } from 'vitest'
import { JobyardError } from '@/client'
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

test.each(['NETWORK', 'UNAVAILABLE'] as const)(
  'ids behind one that met no server are not tried (%s)',
  async (reason) => {
    const tried: string[] = []
    const act = (id: string) => {
      tried.push(id)
      return id === 'b' ? Promise.reject(new JobyardError(reason, 'No answer.')) : Promise.resolve({ worker: id })
    }
    expect(await forEach(['a', 'b', 'c', 'd'], act)).toMatchObject([
      { id: 'a', worker: 'a' },
      { id: 'b', error: { reason } },
      { id: 'c', error: { reason: 'NOT_TRIED' } },
      { id: 'd', error: { reason: 'NOT_TRIED' } },
    ])
    expect(tried).toEqual(['a', 'b'])
  },
)
