import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PRIORITIES, STATUSES } from '@/app/_components/job-status'
import type { JobFilterInput } from '@/app/_trpc/types'
import { pathOf, pathSteps } from '@/server/engine/domain/parameter-path'
import { WAITING_CODES } from '@/server/engine/domain/waiting-codes'
import { NO_QUESTION, toFilter, type Question } from '../filters'
import { argumentWord } from './arguments'
import { fromFilter } from './from-filter'
import { readSearch } from './grammar'
import { isReserved, KEYWORDS } from './keywords'
import { searchText } from './write'

const ID = '01900000-0000-7000-8000-00000000abcd'
const scope = { organizationId: undefined, userId: ID }
/** The API's filter for a search. The search must have no problem. */
function filterOf(text: string): JobFilterInput {
  const { question, problems } = readSearch(text)
  expect(problems).toEqual([])
  return toFilter(question, scope, 0)
}
const problemOf = (text: string) =>
  readSearch(text)
    .problems.map(({ word, message }) => `${word} ‖ ${message}`)
    .join('\n')

describe('a search', () => {
  test.each<[string, JobFilterInput]>([
    ['', {}],
    ['  late   payout ', { search: 'late payout' }],
    ['status:failed', { status: ['FAILED'] }],
    ['Status:dead,Timed_Out status:failed', { status: ['DEAD_LETTER', 'TIMED_OUT', 'FAILED'] }],
    ['type:report.* waiting:>1h', { jobTypePrefix: 'report.', waitingLongerThanSeconds: 3600 }],
    ['type:report.monthly,sample.noop', { jobType: ['report.monthly', 'sample.noop'] }],
    ['why:circuit,Paused', { waitingFor: ['CIRCUIT_OPEN', 'PAUSED'] }],
    ['priority:crit', { priority: ['CRITICAL'] }],
    ['order.id:4711', { args: [{ path: 'order.id', values: [4711, '4711'] }] }],
    ['order.id:"4711"', { args: [{ path: 'order.id', value: '4711' }] }],
    ['order.id:=4711', { args: [{ path: 'order.id', value: 4711 }] }],
    ['order.id:4711,A-1', { args: [{ path: 'order.id', values: [4711, '4711', 'A-1'] }] }],
    ['lines.0:={"sku":"a,b c"}', { args: [{ path: 'lines.0', value: { sku: 'a,b c' } }] }],
    [
      'paid:true note:"two words"',
      {
        args: [
          { path: 'paid', values: [true, 'true'] },
          { path: 'note', value: 'two words' },
        ],
      },
    ],
    ['id:9007199254740993', { args: [{ path: 'id', value: '9007199254740993' }] }],
    ['tpye:report.*', { args: [{ path: 'tpye', value: 'report.*' }] }],
    ['"status":open', { args: [{ path: 'status', value: 'open' }] }],
    ['"http.status":late', { args: [{ path: '"http.status"', value: 'late' }] }],
    ['span."http.status".0:late', { args: [{ path: 'span."http.status".0', value: 'late' }] }],
    ['order."first name":Ada', { args: [{ path: 'order.first name', value: 'Ada' }] }],
    ['title:"late payout" title:acme', { title: 'late payout acme' }],
    [
      'created:>2026-01-31T08:00Z created:<2026-02-01T00:00:30.5Z',
      { createdAfter: '2026-01-31T08:00:00.000Z', createdBefore: '2026-02-01T00:00:30.500Z' },
    ],
    ['ended:>2026-01-31T08:00+02:00', { endedAfter: '2026-01-31T06:00:00.000Z' }],
    ['by:me', { submittedById: ID }],
    [`rerun-of:${ID} cause:0a1b`, { rerunOf: ID, errorFingerprint: '0a1b' }],
    ['TypeError: cannot read https://a.example/x', { search: 'TypeError: cannot read https://a.example/x' }],
    ['"ECONNREFUSED:127.0.0.1" C:\\temp', { search: 'ECONNREFUSED:127.0.0.1 C:\\temp' }],
  ])('the search %j sends exactly this filter to the API', (text, filter) => {
    expect(filterOf(text)).toEqual(filter)
  })

  test('a search with a span asks for what happened within that span', () => {
    const { question } = readSearch('created:90m ended:2d')
    expect(toFilter(question, scope, Date.parse('2026-03-10T12:00:59Z'))).toEqual({
      createdAfter: '2026-03-10T10:30:00.000Z',
      endedAfter: '2026-03-08T12:00:00.000Z',
    })
  })

  test.each([
    ['status:done', /“done” is no status. Choose of pending, queued/],
    ['status:', /status: needs a value/],
    ['staus:failed', /Did you mean status:\? For a parameter of this name write "staus":failed/],
    ['type:Report', /“Report” is no name of a job type/],
    ['type:report.*,sample.noop', /stands alone/],
    ['waiting:long', /waiting:>1h/],
    ['created:yesterday', /created:24h for the last 24 hours/],
    ['created:>2026-02-30', /created:24h/],
    ['created:24h created:>2026-01-01', /Take one of/],
    ['by:ada', /by:me/],
    [`by:me by:${ID}`, /one submitter/],
    ['rerun-of:abc', /no whole id/],
    ['why:weather', /“weather” is no reason to wait. Choose of/],
    ['bulk:7', /no whole id/],
    ['note:"two words', /quotation has no end/],
    ['note:a,,b', /A value is missing/],
    ['note:={a', /After = stands JSON/],
    [`note:${'x'.repeat(700)}`, /at most 600/],
    [Array.from({ length: 11 }, (_, n) => `a${n}:1`).join(' '), /At most 10 parameters/],
    ['ab', /at least 3 letters/],
  ])('the search %j is refused with the faulty word and a way to correct it', (text, problem) => {
    expect(problemOf(text)).toMatch(problem)
  })

  test('a search with one unreadable word keeps the other words', () => {
    const { question, problems } = readSearch('status:failed waiting:long invoice')
    expect(problems.map(({ word }) => word)).toEqual(['waiting:long'])
    expect(question).toMatchObject({ status: ['FAILED'], q: 'invoice', waiting: null })
  })
})

const scalar = fc.oneof(
  fc.string(),
  fc.integer(),
  // JSON has no -0.
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Object.is(n, -0)),
  fc.boolean(),
  fc.constant(null),
)
const path = fc
  .oneof(
    fc.constantFrom('order.id', 'lines.0.sku', 'status', 'staus', 'sta.us', 'type', 'a b', 'x:y', '"', '0', 'größe'),
    fc.string({ minLength: 1, maxLength: 20 }),
    fc.array(fc.string({ unit: fc.constantFrom('a', '.', '"', ' ') }), { maxLength: 3 }).map(pathOf),
  )
  // Names in quotation marks that need none are written without them.
  .map((text) => pathOf(pathSteps(text)))
  .filter((text) => text !== '')
const argument = fc
  .oneof(
    fc.record({ path, value: fc.jsonValue({ maxDepth: 2 }) }),
    fc.record({ path, values: fc.array(scalar, { minLength: 2, maxLength: 4 }) }),
  )
  // The API takes values of at most 600 bytes.
  .filter((arg) => new TextEncoder().encode(JSON.stringify(arg)).length < 500)
const span = fc
  .tuple(fc.integer({ min: 1, max: 99 }), fc.constantFrom('s', 'm', 'h', 'd'))
  .map(([n, unit]) => `${n}${unit}`)
const moment = fc.date({ min: new Date('1970-01-01Z'), max: new Date('9999-12-31Z'), noInvalidDate: true })
const words = fc
  .oneof(
    fc
      .array(
        fc.constantFrom(
          'late',
          'status:failed',
          'status:',
          '"quoted"',
          'a\\b',
          'C:\\x',
          'order.id:1',
          'http://a',
          'TypeError:',
          'x,y',
          '=1',
        ),
        { maxLength: 4 },
      )
      .map((all) => all.join(' ')),
    fc.string({ maxLength: 40 }),
  )
  .map((text) => text.replace(/\s+/g, ' ').trim())
  // Fewer than three letters are not searched for.
  .filter((text) => text.length === 0 || text.length > 2)
const type = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,20}$/)
/** One of two values, or neither of them. */
const either = <A, B>(a: fc.Arbitrary<A>, b: fc.Arbitrary<B>) =>
  fc.oneof(fc.tuple(a, fc.constant(null)), fc.tuple(fc.constant(null), b), fc.constant([null, null] as [null, null]))

/** Any question that the page can ask. */
const question: fc.Arbitrary<Question> = fc
  .record({
    status: fc.uniqueArray(fc.constantFrom(...STATUSES)),
    type: fc.oneof(
      fc.uniqueArray(type, { maxLength: 3 }),
      type.map((name) => [`${name}*`]),
    ),
    priority: fc.uniqueArray(fc.constantFrom(...PRIORITIES)),
    q: words,
    who: fc.oneof(
      fc.constant({ mine: true, by: null }),
      fc.constant({ mine: false, by: ID }),
      fc.constant({ mine: false, by: null }),
    ),
    created: either(span, moment),
    before: fc.option(moment),
    ended: either(span, moment),
    endedBefore: fc.option(moment),
    failed: either(span, moment),
    failedBefore: fc.option(moment),
    title: fc.option(
      fc
        .string({ minLength: 2, maxLength: 30 })
        .map((text) => text.replace(/\s+/g, ' ').trim())
        .filter((text) => text.length > 1),
    ),
    arg: fc.array(argument, { maxLength: 3 }),
    waiting: fc.option(span),
    waitingFor: fc.uniqueArray(fc.constantFrom(...WAITING_CODES)),
    cause: fc.option(fc.string({ minLength: 1, maxLength: 30 })),
    rerunOf: fc.option(fc.constant(ID)),
    schedule: fc.option(fc.constant(ID)),
    bulk: fc.option(fc.constant(ID)),
    request: fc.option(fc.constant(ID)),
  })
  .map(({ who, created, ended, failed, arg, ...rest }) => ({
    ...NO_QUESTION,
    ...rest,
    ...who,
    since: created[0],
    after: created[1],
    endedSince: ended[0],
    endedAfter: ended[1],
    failedSince: failed[0],
    failedAfter: failed[1],
    arg: [...new Set(arg.map((one) => argumentWord(one, isReserved)))],
  }))

test('any question of the page survives being written as text and read back', () => {
  fc.assert(
    fc.property(question, (asked) => {
      const text = searchText(asked)
      const read = readSearch(text)
      expect(read.problems, text).toEqual([])
      expect(read.question, text).toEqual(asked)
    }),
    { numRuns: 2000 },
  )
})

test('a value that begins like the rest of an address is written so that it is read back', () => {
  const asked = readSearch('cause:"//#"').question
  expect(asked.cause).toBe('//#')
  expect(readSearch(searchText(asked)).question).toEqual(asked)
})

test('whatever somebody types means the same once it is written in order', () => {
  const typed = fc.array(
    fc.oneof(
      fc.string({ maxLength: 12 }),
      fc
        .tuple(
          fc.constantFrom(...Object.keys(KEYWORDS), 'order.id'),
          fc.constantFrom(':', ':>', ':"', ':='),
          fc.string({ maxLength: 8 }),
        )
        .map((all) => all.join('')),
    ),
    { maxLength: 6 },
  )
  fc.assert(
    fc.property(typed, (all) => {
      const { question, problems } = readSearch(all.join(' '))
      if (problems.length > 0) return
      expect(readSearch(searchText(question))).toEqual({ question, problems: [] })
    }),
    { numRuns: 3000 },
  )
})

test('any filter that the page sends turns back into the same question', () => {
  fc.assert(
    fc.property(question, (asked) => {
      const still = { ...asked, since: null, endedSince: null, failedSince: null }
      const { question: back, left } = fromFilter(toFilter(still, scope, 0), ID)
      expect(left).toEqual([])
      expect(toFilter(back, scope, 0)).toEqual(toFilter(still, scope, 0))
    }),
  )
})

test('a filter of the API that the page cannot fully show names what is left out', () => {
  expect(fromFilter({ jobType: ['a'], jobTypePrefix: 'b', status: [] }, null).left).toEqual(['jobTypePrefix'])
})
