import { describe, expect, test } from 'vitest'
import type { JobTypeConfig } from '@/server/engine/domain/job-type-config'
import { BLANK, changesOf, readForm, rebase, sameForm, toForm, type FormTexts } from './draft'
import { differenceOf } from './settings'

const base: JobTypeConfig = {
  ...BLANK,
  name: 'report.monthly',
  displayName: 'Monthly report',
  handler: 'report.operations',
  rateLimit: { count: 100, windowSeconds: 60 },
  concurrency: { global: 2, perOrganization: null },
  parameterSchema: { type: 'object', properties: { to: { type: 'string' }, from: { type: 'string' } } },
}
const read = (edits: Partial<FormTexts>) => readForm({ ...toForm(base), ...edits }, base)

describe('reading the form of a job type', () => {
  test('an untouched form changes nothing and has no problems', () => {
    expect(read({})).toEqual({ config: base, changes: {}, problems: {} })
  })

  test('an empty limit means no limit, and 0 means a limit of 0', () => {
    expect(read({ 'concurrency.global': '', 'concurrency.perOrganization': '0' }).changes).toEqual({
      concurrency: { global: null, perOrganization: 0 },
    })
    expect(read({ 'rateLimit.count': '', 'rateLimit.windowSeconds': '' }).changes).toEqual({ rateLimit: null })
    expect(read({ 'rateLimit.count': '0' }).changes).toEqual({ rateLimit: { count: 0, windowSeconds: 60 } })
  })

  test('an empty number means the default, and 0 means 0', () => {
    expect(read({ maxRetries: '0', timeoutSeconds: '60' }).changes).toEqual({ maxRetries: 0, timeoutSeconds: 60 })
    expect(read({ maxRetries: '', timeoutSeconds: ' ' }).changes).toEqual({})
  })

  test('each problem is reported at its field, by the rules of the server', () => {
    const { problems } = read({
      displayName: ' ',
      timeoutSeconds: '0',
      maxRetries: 'many',
      'concurrency.global': '1.5',
      'rateLimit.windowSeconds': '',
      title: '{nobody',
      handler: '',
    })
    expect(Object.keys(problems).sort()).toEqual([
      'concurrency.global',
      'displayName',
      'handler',
      'maxRetries',
      'rateLimit.windowSeconds',
      'timeoutSeconds',
      'title',
    ])
    expect(problems.maxRetries).toBe('must be a whole number')
    expect(problems.timeoutSeconds).toBe('must be a whole number from 1 to 86,400')
  })

  test('what cannot be read keeps the saved value, so that the difference shows no change that nobody asked for', () => {
    const saved = { ...base, timeoutSeconds: 60 }
    const readSaved = (edits: Partial<FormTexts>) => readForm({ ...toForm(saved), ...edits }, saved)
    for (const [path, text] of [
      ['timeoutSeconds', '6o'],
      ['rateLimit.count', 'many'],
      ['rateLimit.windowSeconds', ''],
      ['rateLimit.count', ''],
      ['concurrency.global', '1.5'],
      ['parameterSchema', '{'],
    ] as const) {
      const { config, changes, problems } = readSaved({ [path]: text })
      expect([config, changes], path).toEqual([saved, {}])
      expect(Object.keys(problems), path).toEqual([path])
    }
  })

  test('a number that is too large is told the range, however many digits it has', () => {
    expect(read({ timeoutSeconds: '1'.repeat(20) }).problems.timeoutSeconds).toBe(
      'must be a whole number from 1 to 86,400',
    )
  })

  test('a schema that is no JSON, or cannot be used, is refused before it is sent', () => {
    expect(read({ parameterSchema: '{' }).problems.parameterSchema).toContain('This is not JSON yet')
    expect(read({ parameterSchema: '{"type":"string"}' }).problems).toEqual({
      'parameterSchema.type': 'must be "object": the parameters of a job are one object',
    })
    expect(
      Object.keys(
        read({ title: '{month}', parameterSchema: '{"type":"object","additionalProperties":false}' }).problems,
      ),
    ).toEqual(['title'])
  })

  test('another order of a schema’s fields is a change, because the form follows the order', () => {
    const parameterSchema = '{"type":"object","properties":{"from":{"type":"string"},"to":{"type":"string"}}}'
    expect(Object.keys(read({ parameterSchema }).changes)).toEqual(['parameterSchema'])
    expect(read({ parameterSchema: JSON.stringify(base.parameterSchema) }).changes).toEqual({})
  })
})

test('a setting that was changed back is no change', () => {
  const form = toForm(base)
  expect(sameForm({ ...form, maxRetries: '7' }, form)).toBe(false)
  expect(sameForm({ ...form, maxRetries: form.maxRetries }, form)).toBe(true)
})

describe('when somebody else has saved a job type meanwhile', () => {
  const theirs = { ...base, timeoutSeconds: 900, maxRetries: 9 }

  test('one’s own edits stay, and everything else is taken from the other person', () => {
    const mine = { ...toForm(base), priority: 'HIGH', timeoutSeconds: '900' }
    const { form, clashes } = rebase(mine, base, theirs)
    expect(clashes).toEqual([])
    expect(changesOf(theirs, readForm(form, theirs).config)).toEqual({ priority: 'HIGH' })
  })

  test('a setting that both have changed is named, and keeps one’s own value', () => {
    const { form, clashes } = rebase({ ...toForm(base), maxRetries: '1' }, base, theirs)
    expect(clashes).toEqual(['maxRetries'])
    expect([form.maxRetries, form.timeoutSeconds]).toEqual(['1', '900'])
  })

  test('two texts that mean the same do not clash', () => {
    // The default is 5, which an empty field means.
    const before = { ...base, maxRetries: 7 }
    for (const text of ['', ' 5', '05'])
      expect(rebase({ ...toForm(before), maxRetries: text }, before, { ...base, maxRetries: 5 }).clashes, text).toEqual(
        [],
      )
  })

  test('a setting that was only written in another way gets what the other person has saved', () => {
    const { form, clashes } = rebase({ ...toForm(base), timeoutSeconds: '' }, base, theirs)
    expect([form.timeoutSeconds, clashes]).toEqual(['900', []])
  })

  test('a text that cannot be read clashes with what the other person has saved', () => {
    expect(rebase({ ...toForm(base), maxRetries: 'abc' }, base, theirs).clashes).toEqual(['maxRetries'])
  })

  test.each(['', 'abc'])(
    'the new window of a rate limit is kept while the number of jobs beside it is “%s”',
    (count) => {
      const { form } = rebase(
        { ...toForm(base), 'rateLimit.count': count, 'rateLimit.windowSeconds': '30' },
        base,
        theirs,
      )
      expect([form['rateLimit.count'], form['rateLimit.windowSeconds']]).toEqual([count, '30'])
    },
  )
})

test('a difference is shown in words, and a missing limit as “no limit”', () => {
  const after = {
    ...base,
    enabled: false,
    rateLimit: null,
    concurrency: { global: 5, perOrganization: null },
    timeoutSeconds: 90,
  }
  expect(differenceOf(base, after).map(({ setting, from, to }) => `${setting.label}: ${from} → ${to}`)).toEqual([
    'Takes jobs: yes → no, it is disabled',
    'At once, over all organizations: 2 → 5',
    'Submissions of an organization: 100 in 60 s (1m 00s) → no limit',
    'Timeout: 300 s (5m 00s) → 90 s (1m 30s)',
  ])
})
