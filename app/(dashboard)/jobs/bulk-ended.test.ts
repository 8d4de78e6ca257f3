import { describe, expect, it } from 'vitest'
import { endedOf } from './bulk-ended'

const bulk = (id: string, status: 'RUNNING' | 'COMPLETED' = 'RUNNING') => ({ id, status })
const nothing = { before: [], others: [], started: [], mine: [], told: new Set<string>() }
const ids = (look: Partial<Parameters<typeof endedOf>[0]>) => endedOf({ ...nothing, ...look }).map(({ id }) => id)

describe('bulk actions that have ended', () => {
  it('the bulk action of another person has ended when it is no longer under way', () => {
    expect(ids({ before: [bulk('a'), bulk('b')], others: [bulk('b'), bulk('c')] })).toEqual(['a'])
  })

  it('a bulk action that was started here is reported once when it is over, even if it was over at the first look', () => {
    const mine = [bulk('a', 'COMPLETED'), bulk('b')]
    expect(ids({ started: ['a', 'b'], mine })).toEqual(['a'])
    expect(ids({ started: ['a', 'b'], mine, told: new Set(['a']) })).toEqual([])
  })

  it("another person's action that turns out to be started here does not count as ended", () => {
    expect(ids({ before: [bulk('a')], started: ['a'] })).toEqual([])
  })
})
