import { describe, expect, it } from 'vitest'
import { endedOf } from './bulk-ended'

const bulk = (id: string, status: 'RUNNING' | 'COMPLETED' = 'RUNNING') => ({ id, status })
const nothing = { before: [], others: [], started: [], mine: [], told: new Set<string>() }
const ids = (look: Partial<Parameters<typeof endedOf>[0]>) => endedOf({ ...nothing, ...look }).map(({ id }) => id)

describe('bulk actions that have ended', () => {
  it('are those of others that are no longer under way', () => {
    expect(ids({ before: [bulk('a'), bulk('b')], others: [bulk('b'), bulk('c')] })).toEqual(['a'])
  })

  it('are those begun here that are over, even at the first look, and each once', () => {
    const mine = [bulk('a', 'COMPLETED'), bulk('b')]
    expect(ids({ started: ['a', 'b'], mine })).toEqual(['a'])
    expect(ids({ started: ['a', 'b'], mine, told: new Set(['a']) })).toEqual([])
  })

  it('are not those that only turned out to be begun here', () => {
    expect(ids({ before: [bulk('a')], started: ['a'] })).toEqual([])
  })
})
