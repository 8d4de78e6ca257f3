import { describe, expect, it } from 'vitest'
import { endedOf } from './bulk-ended'

const bulk = (id: string, status: 'RUNNING' | 'COMPLETED' = 'RUNNING') => ({ id, status })
const emptyLook = { before: [], others: [], started: [], mine: [], reported: new Set<string>() }
const endedIds = (look: Partial<Parameters<typeof endedOf>[0]>) =>
  endedOf({ ...emptyLook, ...look }).map(({ id }) => id)

describe('bulk actions that have ended', () => {
  it('an action of another person has ended when the new list of running ones lacks it', () => {
    expect(endedIds({ before: [bulk('a'), bulk('b')], others: [bulk('b'), bulk('c')] })).toEqual(['a'])
  })

  it('an action that was started here is reported when it is over, even if nobody saw it running', () => {
    expect(endedIds({ started: ['a', 'b'], mine: [bulk('a', 'COMPLETED'), bulk('b')] })).toEqual(['a'])
  })

  it('an action that was already reported is not reported again, whoever started it', () => {
    const reported = new Set(['a', 'b'])
    expect(endedIds({ before: [bulk('b')], started: ['a'], mine: [bulk('a', 'COMPLETED')], reported })).toEqual([])
  })

  it("an action that was started here does not end as another person's, even if it was seen as one before", () => {
    expect(endedIds({ before: [bulk('a')], started: ['a'], mine: [bulk('a')] })).toEqual([])
  })

  it("an action that was taken for another person's before is reported once when it is over", () => {
    expect(endedIds({ before: [bulk('a')], started: ['a'], mine: [bulk('a', 'COMPLETED')] })).toEqual(['a'])
  })
})
