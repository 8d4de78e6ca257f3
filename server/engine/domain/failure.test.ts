import assert from 'node:assert'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Prisma } from '@/server/generated/prisma/client'
import { EngineError } from './errors'
import { classifyFailure, MAX_ERROR_MESSAGE, MAX_ERROR_STACK_BYTES } from './failure'
import { patternOf } from './failure-pattern'
import { redactor } from './redact'

const named = (name: string, message: string, more: object = {}) => Object.assign(new Error(message), { name }, more)
const coded = (code: string, more: object = {}) => Object.assign(new Error(`${code}: it failed`), { code }, more)
const caught = (run: () => unknown): unknown => {
  try {
    run()
  } catch (error) {
    return error
  }
  throw new Error('did not throw')
}
const classOf = (error: unknown) => classifyFailure(error).class
const prisma = (code: string, meta?: Record<string, unknown>) =>
  new Prisma.PrismaClientKnownRequestError('it failed', { code, clientVersion: '7', meta })

describe('class', () => {
  const transient: [string, unknown][] = [
    ['TransientError', named('TransientError', 'later')],
    ['TransientError as plain data from a thread', { name: 'TransientError', message: 'later' }],
    ['TransientError around a programming error', named('TransientError', 'later', { cause: new TypeError('x') })],
    ['TransientError around a 404', named('TransientError', 'later', { cause: { status: 404 } })],
    ['an Error around a TransientError', new Error('step 2', { cause: named('TransientError', 'later') })],
    ...[
      'ECONNREFUSED',
      'ECONNRESET',
      'ETIMEDOUT',
      'EPIPE',
      'ENOTFOUND',
      'EAI_AGAIN',
      'EHOSTUNREACH',
      'UND_ERR_CONNECT_TIMEOUT',
      'UND_ERR_SOCKET',
    ].map((code): [string, unknown] => [code, coded(code)]),
    ...['ENOMEM', 'EMFILE', 'ENOSPC', 'ERR_WORKER_OUT_OF_MEMORY'].map((code): [string, unknown] => [code, coded(code)]),
    ['fetch failed by its cause', new TypeError('fetch failed', { cause: coded('ECONNREFUSED') })],
    ['fetch failed without a cause', new TypeError('fetch failed')],
    [
      'terminated',
      new TypeError('terminated', { cause: named('SocketError', 'other side closed', { code: 'UND_ERR_SOCKET' }) }),
    ],
    [
      'several addresses refused',
      new TypeError('fetch failed', { cause: new AggregateError([coded('ECONNREFUSED'), coded('ENETUNREACH')]) }),
    ],
    ...[408, 425, 429, 500, 502, 503, 599].map((status): [string, unknown] => [
      `status ${status}`,
      Object.assign(new Error('no'), { status }),
    ]),
    ['statusCode 503', Object.assign(new Error('no'), { statusCode: 503 })],
    ['response.status 429', Object.assign(new Error('no'), { response: { status: 429 } })],
    ['the AWS SDK', Object.assign(new Error('no'), { $metadata: { httpStatusCode: 500 } })],
    ['AbortError', new DOMException('aborted', 'AbortError')],
    ['TimeoutError', new DOMException('timed out', 'TimeoutError')],
    ['heap limit', new Error('Worker terminated due to reaching memory limit: JS heap out of memory')],
    ['no memory for a buffer', new RangeError('Array buffer allocation failed')],
    ...['P1001', 'P2024', 'P2028', 'P2034'].map((code): [string, unknown] => [`Prisma ${code}`, prisma(code)]),
    [
      'Prisma raw query with 40001',
      prisma('P2010', { driverAdapterError: { cause: { originalCode: '40001', kind: 'TransactionWriteConflict' } } }),
    ],
    ['Prisma raw query with 57014', prisma('P2010', { code: '57014' })],
    ['Prisma cannot connect', new Prisma.PrismaClientInitializationError('no server', '7')],
    [
      'a driver adapter error',
      named('DriverAdapterError', 'x', { cause: { kind: 'postgres', originalCode: '08006', code: '08006' } }),
    ],
    ...['08006', '53300', '57P01', '40P01', '55P03', '58030'].map((code): [string, unknown] => [
      `SQLSTATE ${code}`,
      coded(code),
    ]),
    ['our rate limit', new EngineError('RATE_LIMITED', 'slow down', { retryAfterSeconds: 3 })],
    ['our full queue', new EngineError('QUEUE_FULL', 'full')],
    ['unknown errors', new Error('something odd')],
    ['unknown classes', named('OddError', 'something odd')],
    ['a code nobody knows', coded('E_ODD')],
    ['five digits that are no SQLSTATE', coded('99999')],
    ['a string', 'boom'],
    ['nothing', undefined],
    ['null', null],
    ['a number', 42],
  ]
  it.each(transient)('this failure is TRANSIENT: %s', (_, error) => expect(classOf(error)).toBe('TRANSIENT'))

  const permanent: [string, unknown][] = [
    ['PermanentError', named('PermanentError', 'no')],
    ['PermanentError around a network error', named('PermanentError', 'no', { cause: coded('ECONNRESET') })],
    ['an Error around a PermanentError', new Error('step 2', { cause: named('PermanentError', 'no') })],
    ['ZodError', caught(() => z.object({ a: z.number() }).parse({ a: 'x' }))],
    ['ZodError of the core', { name: '$ZodError', message: '[]', issues: [] }],
    ...[400, 401, 403, 404, 409, 410, 422, 451].map((status): [string, unknown] => [
      `status ${status}`,
      Object.assign(new Error('no'), { status }),
    ]),
    ['response.status 404', Object.assign(new Error('no'), { response: { status: 404 } })],
    ['EACCES', coded('EACCES')],
    ['TypeError', caught(() => (undefined as unknown as { a: unknown }).a)],
    ['ReferenceError', new ReferenceError('x is not defined')],
    ['SyntaxError', caught(() => JSON.parse('{') as unknown)],
    ['RangeError', caught(() => new Array(-1))],
    [
      'endless recursion',
      caught(function again(): unknown {
        return again()
      }),
    ],
    ['AssertionError', caught(() => assert.equal(1, 2))],
    ['a wrapped TypeError', new Error('loading failed', { cause: new TypeError('x is not a function') })],
    ['a bad URL', caught(() => new URL('nonsense'))],
    ['fetch of an unknown scheme', new TypeError('fetch failed', { cause: new Error('unknown scheme') })],
    ['what cannot be cloned', new DOMException('no', 'DataCloneError')],
    ...['P2002', 'P2003', 'P2025', 'P1000', 'P2010'].map((code): [string, unknown] => [`Prisma ${code}`, prisma(code)]),
    ['Prisma validation', new Prisma.PrismaClientValidationError('bad argument', { clientVersion: '7' })],
    ...['23505', '22P02', '42601', '42501', 'P0001'].map((code): [string, unknown] => [
      `SQLSTATE ${code}`,
      coded(code),
    ]),
    ['our refusal of parameters', new EngineError('INVALID_PARAMETERS', 'no')],
    ['our refusal of a duplicate', new EngineError('DUPLICATE_JOB', 'no')],
  ]
  it.each(permanent)('this failure is PERMANENT: %s', (_, error) => expect(classOf(error)).toBe('PERMANENT'))

  it('a real refused connection is TRANSIENT, and its message says what failed', async () => {
    // A port that was free a moment ago. A well-known one would not do, because fetch refuses some of those by itself.
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    await once(server.close(), 'close')
    const error: unknown = await fetch(`http://127.0.0.1:${port}/`).catch((reason: unknown) => reason)
    const failure = classifyFailure(error)
    expect(failure.class).toBe('TRANSIENT')
    expect(failure.message).toMatch(/^fetch failed: ./)
  })

  it('the class of an error is found even if its causes form a cycle', () => {
    const error = new Error('a')
    error.cause = new Error('b', { cause: error })
    expect(classOf(error)).toBe('TRANSIENT')
  })
})

describe('message', () => {
  const messageOf = (error: unknown, projectRoot?: string) => classifyFailure(error, { projectRoot }).message

  it('a failure has a message, whatever was thrown', () => {
    expect(messageOf('boom')).toBe('boom')
    expect(messageOf('')).toBe('An empty string was thrown')
    expect(messageOf(undefined)).toBe('undefined was thrown')
    expect(messageOf(null)).toBe('null was thrown')
    expect(messageOf(Symbol('x'))).toBe('Symbol(x) was thrown')
    expect(messageOf({ odd: 1 })).toBe('{"odd":1} was thrown')
    expect(messageOf(new TypeError())).toBe('TypeError')
    expect(messageOf(new AggregateError([new Error('a'), new Error('b'), new Error('a')]))).toBe('a; b')
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw new Error('no')
        },
      },
    )
    expect(classifyFailure(hostile)).toMatchObject({ class: 'TRANSIENT', stack: null })
  })

  it('the message tells the fields of a ZodError instead of its JSON', () => {
    const error = caught(() => z.object({ order: z.object({ id: z.string() }) }).parse({ order: { id: 1 } }))
    expect(messageOf(error)).toMatch(/^The data does not fit its schema: order\.id: /)
  })

  it('the message is at most 2,000 characters, without NUL and broken pairs', () => {
    expect(messageOf(new Error('x'.repeat(5_000)))).toHaveLength(MAX_ERROR_MESSAGE)
    expect(messageOf(new Error('\0'))).toBe('Error')
    expect(messageOf(new Error('a\0b\ud83d'))).toBe('ab\uFFFD')
    const cut = messageOf(new Error('x'.repeat(MAX_ERROR_MESSAGE - 2) + '😀😀'))
    expect(/\p{Surrogate}/u.test(cut)).toBe(false)
  })

  it('the message hides passwords in addresses and our own folder', () => {
    expect(messageOf(new Error('cannot reach postgresql://app:s3cret@db:5432/x'))).toBe(
      'cannot reach postgresql://app:***@db:5432/x',
    )
    expect(messageOf(new Error('no /srv/yard/worker/a.ts'), '/srv/yard')).toBe('no worker/a.ts')
  })

  it('the message keeps the reason of a Prisma error, not the code around it', () => {
    const text =
      '\nInvalid `prisma.job.create()` invocation in\n/srv/yard/a.ts:3:4\n\n  1 const a\n→ 3 prisma.job.create(\n\nUnique constraint failed on the fields: (`id`)'
    expect(messageOf(new Prisma.PrismaClientKnownRequestError(text, { code: 'P2002', clientVersion: '7' }))).toBe(
      'Unique constraint failed on the fields: (`id`)',
    )
  })
})

describe('stack', () => {
  const frames =
    '\n    at run (/srv/yard/worker/handlers/a.ts:10:5)\n    at async file:///srv/yard/worker/index.ts:3:1\n    at node:internal/x:1:1'
  const at = (error: Error, text = frames) => Object.assign(error, { stack: `${error.name}: ${error.message}${text}` })

  it('the stack has paths relative to the project, and its causes', () => {
    const error = at(new Error('outer', { cause: at(new TypeError('inner')) }))
    expect(classifyFailure(error, { projectRoot: '/srv/yard/' }).stack).toBe(
      [
        'Error: outer',
        '    at run (worker/handlers/a.ts:10:5)',
        '    at async worker/index.ts:3:1',
        '    at node:internal/x:1:1',
        'Caused by: TypeError: inner',
        '    at run (worker/handlers/a.ts:10:5)',
        '    at async worker/index.ts:3:1',
        '    at node:internal/x:1:1',
      ].join('\n'),
    )
  })

  it('the stack hides passwords in causes, too', () => {
    const error = at(new Error('outer', { cause: at(new Error('redis://:s3cret@cache:6379 is gone')) }))
    expect(classifyFailure(error).stack).not.toContain('s3cret')
  })

  it('the stack is null if what was thrown has none', () => {
    expect(classifyFailure('boom').stack).toBeNull()
    expect(classifyFailure({ message: 'x' }).stack).toBeNull()
  })

  it('the stack of a cause is kept also where what was thrown has none', () => {
    const { stack } = classifyFailure({ message: 'outer', cause: at(new TypeError('inner')) })
    expect(stack).toContain('outer\nCaused by: TypeError: inner\n    at run')
    expect(classifyFailure({ message: 'outer', cause: 'boom' }).stack).toBeNull()
  })

  it('the stack is at most 16 kB, and a huge message does not push out its frames', () => {
    const error = at(new Error('é'.repeat(100_000)))
    const { stack } = classifyFailure(error)
    expect(stack).toContain('at run')
    const long = at(new Error('x'), `\n    at ${'é'.repeat(400)} (/a.ts:1:1)`.repeat(100))
    expect(Buffer.byteLength(classifyFailure(long).stack!)).toBeLessThanOrEqual(MAX_ERROR_STACK_BYTES)
    expect(classifyFailure(long).stack).not.toContain('\uFFFD')
  })
})

describe('retryAfterSeconds', () => {
  const now = new Date('2026-01-31T12:00:00Z')
  const retryAfter = (error: unknown) => classifyFailure(error, { now }).retryAfterSeconds

  it('retryAfterSeconds comes from the error, its cause or the Retry-After of an answer', () => {
    expect(retryAfter(named('TransientError', 'x', { retryAfter: 90 }))).toBe(90)
    expect(retryAfter(new Error('x', { cause: named('TransientError', 'x', { retryAfter: 0 }) }))).toBe(0)
    expect(retryAfter({ status: 429, response: { headers: new Headers({ 'Retry-After': '120' }) } })).toBe(120)
    expect(retryAfter({ status: 503, headers: { 'retry-after': 'Sat, 31 Jan 2026 12:01:00 GMT' } })).toBe(60)
    expect(retryAfter(new EngineError('RATE_LIMITED', 'x', { retryAfterSeconds: 3 }))).toBe(3)
  })

  it('retryAfterSeconds is null where there is none, or no retry follows', () => {
    expect(retryAfter(new Error('x'))).toBeNull()
    expect(retryAfter(named('TransientError', 'x', { retryAfter: -1 }))).toBeNull()
    expect(retryAfter(named('TransientError', 'x', { retryAfter: NaN }))).toBeNull()
    expect(retryAfter({ status: 503, headers: { 'retry-after': 'soon' } })).toBeNull()
    expect(retryAfter(named('PermanentError', 'x', { retryAfter: 9 }))).toBeNull()
  })
})

describe('fingerprint', () => {
  const print = (error: unknown) => classifyFailure(error, { projectRoot: '/srv/yard' }).fingerprint
  const thrownAt = (place: string, message: string) =>
    Object.assign(new Error(message), { stack: `Error: ${message}\n    at ${place}` })

  it('the fingerprint is short and stable over releases, because dead letters are grouped by it', () => {
    expect(print({ name: 'Error', message: 'Order 17 not found' })).toMatchInlineSnapshot(`"190701568a9a46ca"`)
  })

  it.each([
    ['Order 17 not found', 'Order 18234 not found'],
    ['job 0197f1c2-7d3a-7c54-9a51-3f2b1c0d9e8f is gone', 'job 0197f1c2-ffff-7c54-9a51-aaaaaaaaaaaa is gone'],
    ["cannot find 'ACME Ltd.'", "cannot find 'Umbrella'"],
    ['cannot find "a b"', 'cannot find ""'],
    ['since 2026-01-31T12:00:00.123Z', 'since 2025-12-01T01:02:03Z'],
    ['no such file: /data/a/x.csv', 'no such file: /data/b/c/yy.csv'],
    ['connect ECONNREFUSED 10.0.0.1:5432', 'connect ECONNREFUSED 192.168.7.9:80'],
    ['commit deadbeefcafe', 'commit 0123456789ab'],
    ['customer cus_9f8Ax is blocked', 'customer cus_1b2Cy is blocked'],
    ['GET https://a.example/x?id=1 failed', 'GET https://b.example/y failed'],
    ['mail to a@example.com bounced', 'mail to someone.else@example.org bounced'],
    ['sum -1.5 is off', 'sum 2,000.25 is off'],
  ])('the fingerprint is the same for "%s" and "%s"', (a, b) => expect(print(new Error(a))).toBe(print(new Error(b))))

  it('the fingerprint differs by words, class, code and the function that threw', () => {
    const prints = [
      print({ name: 'Error', message: 'Order not found' }),
      print({ name: 'Error', message: 'Customer not found' }),
      print({ name: 'TypeError', message: 'Order not found' }),
      print({ name: 'Error', message: 'Order not found', code: 'E_A' }),
      print(thrownAt('load (/srv/yard/worker/a.ts:1:1)', 'Order not found')),
      print(thrownAt('save (/srv/yard/worker/a.ts:1:1)', 'Order not found')),
    ]
    expect(new Set(prints).size).toBe(prints.length)
  })

  it('the fingerprint stays when lines move, the clone moves, or a library adds frames', () => {
    const here = print(thrownAt('load (/srv/yard/worker/a.ts:1:1)', 'x'))
    expect(print(thrownAt('async load (file:///srv/yard/worker/a.ts:99:7)', 'x'))).toBe(here)
    expect(print(thrownAt('Object.load (/srv/yard/worker/a.ts:5:5)', 'x'))).toBe(here)
    expect(
      print(
        thrownAt(
          'q (/srv/yard/node_modules/pg/a.js:1:1)\n    at node:internal/x:1:1\n    at load (/srv/yard/worker/a.ts:2:2)',
          'x',
        ),
      ),
    ).toBe(here)
    expect(
      classifyFailure(thrownAt('load (/other/yard/worker/a.ts:1:1)', 'x'), { projectRoot: '/other/yard' }).fingerprint,
    ).toBe(here)
  })

  it('the fingerprint keeps apostrophes apart from quotes', () => {
    expect(patternOf("can't open, won't close")).toBe("can't open, won't close")
    expect(patternOf("Order 17 of 'ACME' not found in /data/a.csv")).toBe(
      'Order ‹number› of ‹value› not found in ‹path›',
    )
  })
})

it('describing a failure never throws and keeps its bounds, whatever was thrown', () => {
  fc.assert(
    fc.property(
      fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true, withMap: true }),
      fc.string({ unit: 'binary' }),
      (value, text) => {
        for (const thrown of [value, Object.assign(new Error(text), { cause: value, code: text, status: value })]) {
          const failure = classifyFailure(thrown, { projectRoot: '/srv' })
          expect(failure.message.length).toBeGreaterThan(0)
          expect(failure.message.length).toBeLessThanOrEqual(MAX_ERROR_MESSAGE)
          expect(failure.message).not.toMatch(/\0|\p{Surrogate}/u)
          expect(failure.fingerprint).toMatch(/^[0-9a-f]{16}$/)
        }
      },
    ),
  )
})

it.each([
  ['an object without a message', (text: string) => ({ code: 7, filler: text })],
  ['the name of an error', (text: string) => named(text, 'failed')],
  ['the name of a cause', (text: string) => new Error('failed', { cause: named(text, '') })],
])('no half of a secret stays where %s is cut', (_, thrown) => {
  const secret = 'sk-0123456789-abcdefghij-0123456789'
  for (let before = 0; before < 1_100; before++) {
    const { message, stack } = classifyFailure(thrown('y'.repeat(before) + secret), { redact: redactor([secret]) })
    expect(`${message}\n${stack}`).not.toContain('sk-')
  }
})
