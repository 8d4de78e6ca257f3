import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { classifyFailure } from './failure'
import { CAUSES, type Cause } from './failure-causes.fixture'
import { patternOf, wordsOf } from './failure-pattern'

const fingerprints = ({ name = 'Error', code, messages }: Cause) =>
  messages.map((message) => classifyFailure({ name, code, message }).fingerprint)

describe('Messages of one cause', () => {
  it.each(CAUSES)('messages of one cause share a fingerprint: $pattern', (cause) => {
    expect(new Set(fingerprints(cause)).size).toBe(1)
  })

  it.each(CAUSES)(
    'messages of one cause are shown under one label, without what varies: $pattern',
    ({ pattern, messages }) => {
      expect(patternOf(messages[0]!)).toBe(pattern)
    },
  )
})

test('Messages of two causes never share a fingerprint', () => {
  const causeOf = new Map<string, string>()
  for (const cause of CAUSES)
    for (const print of new Set(fingerprints(cause))) {
      expect(causeOf.get(print), `${cause.pattern} has the fingerprint of another cause`).toBeUndefined()
      causeOf.set(print, cause.pattern)
    }
  expect(CAUSES.flatMap(({ messages }) => messages).length).toBeGreaterThan(100)
})

test('A number, an id and a host in the same place are one cause', () => {
  const [first, ...others] = [
    '8812',
    'ord_8Kx2',
    '550e8400-e29b-41d4-a716-446655440000',
    '10.0.0.1',
    'api.acme.com',
  ].map((part) => wordsOf(`Peer ${part} hung up`))
  for (const other of others) expect(other).toBe(first)
})

test('The singular and the plural of a counted word are one cause', () => {
  expect(wordsOf('1 line is too long')).toBe(wordsOf('20 lines is too long'))
})

test('Other ids and numbers leave the same words, and a label has a placeholder for ids, numbers, hosts and addresses of any kind', () => {
  const hex = fc.stringMatching(/^[0-9][0-9a-f]{1,40}$/)
  const part = fc.oneof(
    fc.uuid(),
    fc.integer().map(String),
    fc.ipV4(),
    fc.ipV6(),
    hex,
    fc.domain().map((domain) => `ada.l+x@${domain}`),
    fc.webUrl({ validSchemes: ['https'] }),
  )
  fc.assert(
    fc.property(fc.uuid(), fc.integer(), fc.uuid(), fc.integer(), (id1, n1, id2, n2) => {
      const text = (id: string, n: number) => `Invoice ${id} of row ${n} could not be sent`
      expect(wordsOf(text(id1, n1))).toBe(wordsOf(text(id2, n2)))
    }),
  )
  fc.assert(
    fc.property(part, (varying) => {
      const label = patternOf(`Peer ${varying} hung up`)
      expect(label).toMatch(/^Peer .*‹.*hung up$/)
    }),
  )
})

test('A label is made in a short time, whatever the message', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 3_000 }), (text) => {
      expect(patternOf(text).length).toBeLessThan(20_000)
      expect(wordsOf(text).length).toBeLessThan(20_000)
    }),
  )
  // Each of these makes an expression that backtracks go through its text again and again. The test would then run out of
  // its time.
  for (const unit of ['a', '1', '.', ':', '-', 'a.', '1:', 'a@', "'", '/', 'aA', '1,', '‹'])
    expect(patternOf(unit.repeat(100_000)).length).toBeLessThan(20_000)
})
