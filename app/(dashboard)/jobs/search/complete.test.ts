import { describe, expect, test } from 'vitest'
import { complete, taken, type Known } from './complete'
import { readSearch } from './grammar'
import { schemaPaths } from './schema-paths'

const known: Known = {
  types: [
    { name: 'report.monthly', displayName: 'Monthly report' },
    { name: 'report.daily', displayName: 'Daily report' },
    { name: 'payout.send', displayName: 'Payout' },
  ],
  paths: schemaPaths([
    {
      $defs: { line: { type: 'object', properties: { sku: { type: 'string' } } } },
      properties: {
        order: { type: 'object', properties: { id: { type: 'string', title: 'Order number' } } },
        lines: { type: 'array', items: { $ref: '#/$defs/line' } },
        mode: { enum: ['fast', 'two words', null] },
        status: { type: 'boolean' },
        secret: { type: 'string', 'x-sensitive': true },
        'a.b': { enum: ['low', 'high'] },
      },
    },
    'no schema',
    { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/a' } } },
  ]),
}
const texts = (text: string, caret = text.length) => complete(text, caret, known).options.map((one) => one.text)

describe('a search that is being typed', () => {
  test('a search suggests the places that the schemas name, without sensitive ones', () => {
    expect(known.paths.map(({ path }) => path)).toEqual(['order.id', 'lines.0.sku', 'mode', 'status', '"a.b"'])
    expect(texts('ord')).toEqual(['order.id:'])
    expect(texts('sku')).toEqual(['lines.0.sku:'])
    expect(texts('order zz')).toEqual([])
    expect(texts('sta')).toEqual(['status:', '"status":'])
    expect(texts('secr')).toEqual([])
  })

  test('the name of a job type, typed as a word, suggests the jobs of that type', () => {
    expect(texts('daily')).toEqual(['type:report.daily'])
    expect(texts('hooli Payo')).toEqual(['type:payout.send'])
    expect(texts('pa')).toEqual([])
  })

  test.each([
    ['', ['status:', 'type:', 'priority:']],
    ['failed pri', ['priority:']],
    ['status:fa', ['failed']],
    ['status:failed,ti', ['timed-out']],
    ['type:rep', ['report.*', 'report.monthly', 'report.daily']],
    ['type:pay', ['payout.send']],
    ['waiting:', ['>15m', '>1h']],
    ['failed:', ['15m', '1h']],
    ['why:ci', ['circuit']],
    ['by:', ['me']],
    ['mode:', ['fast', '"two words"']],
    ['"status":t', ['true']],
    ['order.id:', []],
    ['a.b', ['"a.b":']],
    ['"a.b":hi', ['high']],
  ])('typing %j suggests %j first', (text, options) => {
    expect(texts(text).slice(0, options.length)).toEqual(options)
    if (options.length === 0) expect(texts(text)).toEqual([])
  })

  test('taking a suggestion keeps the text before and behind the completed word', () => {
    const text = 'late sta invoice'
    const at = complete(text, 8, known)
    expect(taken(text, at, at.options[0]!)).toEqual({ text: 'late status: invoice', caret: 12 })
    const next = complete('late status:fai invoice', 15, known)
    expect(taken('late status:fai invoice', next, next.options[0]!)).toEqual({
      text: 'late status:failed invoice',
      caret: 19,
    })
  })

  test('a search stays readable whichever suggestion is taken', () => {
    for (const start of [
      'status:',
      'type:',
      'priority:',
      'why:',
      'waiting:',
      'created:',
      'ended:',
      'failed:',
      'by:',
      'mode:',
      '"status":',
    ]) {
      const at = complete(start, start.length, known)
      expect(at.options.length).toBeGreaterThan(0)
      for (const option of at.options) expect(readSearch(taken(start, at, option).text).problems).toEqual([])
    }
  })
})
