import { describe, expect, test } from 'vitest'
import { describeChanges, realChanges, type Amendable } from './job-changes'

const before: Amendable = {
  priority: 'NORMAL',
  due: new Date('2026-01-31T08:00:00Z'),
  parameters: { order: 7, secret: 'hunter2', lines: [1, 2] },
  maxRetries: 5,
  timeoutSeconds: 300,
}

describe('what a change changes', () => {
  test('wishes that are the case already change nothing', () => {
    const same = { ...before, due: new Date(before.due), parameters: { lines: [1, 2], secret: 'hunter2', order: 7 } }
    expect(realChanges(before, same)).toEqual({})
  })

  test('a wish for 0 is a change like any other', () => {
    expect(realChanges(before, { maxRetries: 0 })).toEqual({ maxRetries: 0 })
    expect(realChanges({ ...before, maxRetries: 0 }, { maxRetries: 0 })).toEqual({})
  })

  test('null as a value of parameters is a change like any other', () => {
    expect(realChanges(before, { parameters: null })).toEqual({ parameters: null })
  })
})

describe('what the history says of it', () => {
  test('the history names all that changed, from what to what', () => {
    expect(
      describeChanges(
        before,
        { priority: 'HIGH', due: new Date('2026-02-01T00:00:00Z'), maxRetries: 0, timeoutSeconds: 60 },
        false,
      ),
    ).toBe(
      'Changed priority from NORMAL to HIGH, run time from 2026-01-31T08:00:00.000Z to 2026-02-01T00:00:00.000Z, retries from 5 to 0, timeout from 300 s to 60 s',
    )
    expect(describeChanges(before, { due: new Date('2026-02-01T00:00:00Z') }, true)).toContain(
      'Changed next retry from',
    )
  })

  test('the history gives the names of changed parameters, and never a value', () => {
    const message = describeChanges(before, { parameters: { order: 7, secret: 'hunter3', note: 'x' } }, false)
    expect(message).toBe('Changed parameters (lines, note, secret)')
    expect(describeChanges(before, { parameters: 'text' }, false)).toBe('Changed parameters')
  })

  test('where many parameters changed, the history gives only the first names', () => {
    // In the order of texts, the tenth of these names is n17.
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`n${n}`, n]))
    expect(describeChanges({ ...before, parameters: {} }, { parameters: many }, false)).toMatch(/n17 and 20 more\)$/)
  })
})
