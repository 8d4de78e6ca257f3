import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EngineError } from '@/server/engine'
import { jobTypeCreateInput } from '../schemas/job-type'
import { submitInput, submitManyInput, updateInput } from '../schemas/job'
import { parseInput } from './parse'
import { InputScanner } from './scanner'
import { FREE, shapeOf, type Shape } from './shape'

const ID = '01900000-0000-7000-8000-00000000be4c'
const many = shapeOf(submitManyInput)

/** The scanner after it has read a text that arrived in pieces of `piece` bytes. */
function scan(text: string | Uint8Array, shapes: Shape[] = [FREE], { batch = false, piece = 64 * 1024 } = {}) {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text
  const scanner = new InputScanner(shapes, batch)
  for (let end = Math.min(piece, bytes.length); end < bytes.length; end += piece) scanner.write(bytes, end)
  scanner.finish(bytes, bytes.length)
  return { scanner, bytes }
}
async function read(text: string, shapes?: Shape[], options?: { batch?: boolean; piece?: number }): Promise<unknown> {
  const { scanner, bytes } = scan(text, shapes, options)
  return parseInput(bytes, scanner.cuts)
}
function refusal(text: string | Uint8Array, shapes?: Shape[], options?: { batch?: boolean; piece?: number }) {
  try {
    scan(text, shapes, options)
  } catch (error) {
    if (error instanceof EngineError)
      return { reason: error.reason, fields: error.data.fields!, paths: error.data.fields!.map(({ path }) => path) }
    throw error
  }
  throw new Error('was not refused')
}
const jobs = (...items: unknown[]) => JSON.stringify({ organizationId: ID, jobs: items })
const job = (over: object = {}) => ({ jobType: 'sample.noop', ...over })
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)

describe('what JSON.parse reads and refuses', () => {
  it('a text that JSON.parse reads gets the same value here, however it arrives and whichever parts are parsed separately', async () => {
    const envelope = fc.record({
      organizationId: fc.string(),
      jobs: fc.array(
        fc.record({
          jobType: fc.constant('a'),
          parameters: fc.oneof(
            fc.jsonValue(),
            fc.string({ minLength: 600, maxLength: 2_000 }),
            fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 100 }),
          ),
        }),
      ),
    })
    await fc.assert(
      fc.asyncProperty(envelope, fc.integer({ min: 1, max: 700 }), fc.boolean(), async (value, piece, spaced) => {
        const text = JSON.stringify(value, null, spaced ? 1 : 0)
        expect(await read(text, [many], { piece })).toEqual(JSON.parse(text))
      }),
    )
  })

  it('a text with one byte changed, missing or added is read as JSON.parse reads it, or refused as JSON.parse refuses it, or for what no input may hold', async () => {
    const byte = fc.constantFrom(...'{}[]:,"\\ \n019-+.eEtfnu\u0001x'.split(''))
    await fc.assert(
      fc.asyncProperty(
        fc.jsonValue(),
        fc.nat(),
        fc.nat(2),
        byte,
        fc.integer({ min: 1, max: 9 }),
        async (value, at, dropped, put, piece) => {
          const whole = JSON.stringify({ a: value, b: ['x\\', '\u00e9', 1.5e-7, null] })
          const n = at % whole.length
          const text = whole.slice(0, n) + put + whole.slice(n + dropped)
          const plain = await Promise.resolve(text)
            .then(JSON.parse)
            .then(
              (v: unknown) => ({ v }),
              () => null,
            )
          const ours = await read(text, [FREE], { piece }).then(
            (v) => ({ v }),
            (error: EngineError) => {
              const own = error.data.fields![0]!.message
              return own === 'must be readable JSON' ? null : { own }
            },
          )
          if (ours && 'own' in ours) expect(ours.own).toMatch(/NUL|surrogate|string$/)
          else expect(ours).toEqual(plain)
        },
      ),
      { numRuns: 1_000 },
    )
  })

  it('an input may begin with a byte order mark, and must be exactly one value', async () => {
    expect(await read('\ufeff {"a":[]} ')).toEqual({ a: [] })
    for (const text of [
      '',
      ' ',
      '{} {}',
      '1 2',
      '{"a":1',
      '"a',
      '[1',
      '{"a"',
      'nul',
      '[1,]',
      '{,}',
      '01',
      '"\\x"',
      '"\\u00g0"',
      '"\n"',
    ])
      await expect(async () => read(text), text).rejects.toThrow('could not be read')
    await expect(async () => parseInput(new Uint8Array([0x22, 0xff, 0x22]), [])).rejects.toThrow('could not be read')
  })

  it('__proto__, long names and long values are kept in parameters', async () => {
    const text = `{"organizationId":"${ID}","jobType":"a","parameters":{"__proto__":{"a":1},"${'n'.repeat(2_000)}":1,"x":"${'y'.repeat(2_000)}"}}`
    expect(await read(text, [shapeOf(submitInput)])).toEqual(JSON.parse(text))
  })
})

describe('what no input may hold', () => {
  it('a NUL byte and half of a surrogate pair are refused with their place', () => {
    expect(refusal('{"a":["x","y\\u0000"],"b":{"c":"\\ud83d"},"d":"\\ude00x","e":"\\ud83d\\u0041"}').fields).toEqual([
      { path: 'a[1]', message: 'must not hold a NUL byte' },
      { path: 'b.c', message: 'must not hold half of a surrogate pair' },
      { path: 'd', message: 'must not hold half of a surrogate pair' },
      { path: 'e', message: 'must not hold half of a surrogate pair' },
    ])
    expect(refusal('"\\u0000"').paths).toEqual([''])
    expect(refusal('{"a":{"x\\u0000":1}}').fields).toEqual([
      { path: 'a', message: 'has a name that must not hold a NUL byte' },
    ])
    expect(refusal('{"__proto__":["\\u0000"]}').paths).toEqual(['__proto__[0]'])
    scan('{"a":[1,1e308,-0,null,true,"","😀","\\ud83d\\ude00","\\u0001\\u2028"],"ключ":{}}', [FREE], { piece: 1 })
  })

  it('a number that cannot be stored exactly is refused', () => {
    const text = `{"organizationId":"${ID}","jobs":[{"jobType":"a","parameters":{"id":9007199254740993}},{"jobType":"a","parameters":[0.1,{"x":1e400}]}]}`
    expect(refusal(text, [many], { piece: 3 })).toMatchObject({
      reason: 'INVALID_INPUT',
      paths: ['jobs[0].parameters.id', 'jobs[1].parameters[1].x'],
    })
    expect(refusal(text, [many]).fields[0]!.message).toMatch(/9007199254740992.*send it as a string/)
    expect(refusal('123456789012345678901234567890').paths).toEqual([''])
    expect(
      refusal('{"name":"a","parameterSchema":{"properties":{"x":{"const":9007199254740993}}}}', [
        shapeOf(jobTypeCreateInput),
      ]).paths,
    ).toEqual(['parameterSchema.properties.x.const'])
  })

  it('more than 100 levels are refused, and the levels of parameters are counted separately', () => {
    scan(nested(100))
    expect(refusal(nested(101)).fields).toMatchObject([{ message: 'must not be nested deeper than 100' }])
    expect(refusal(nested(200_000)).fields).toHaveLength(1)
    scan(`{"organizationId":"${ID}","jobType":"a","parameters":${nested(100)}}`, [shapeOf(submitInput)])
    expect(
      refusal(`{"organizationId":"${ID}","jobType":"a","parameters":${nested(101)}}`, [shapeOf(submitInput)]).fields,
    ).toHaveLength(1)
    scan(`{"0":{"jobs":[{"parameters":${nested(100)}}]}}`, [many], { batch: true })
    scan(`{"jobId":"x","changes":{"parameters":${nested(100)}}}`, [shapeOf(updateInput)])
    // Parameters may have a member that is named `parameters`. It does not begin a new count.
    expect(refusal(`{"parameters":{"parameters":${nested(100)}}}`, [shapeOf(submitInput)]).fields).toHaveLength(1)
  })

  it('a fault in a batch is reported for the call that contains it', () => {
    const { scanner } = scan(
      '{"0":{"jobType":"a","parameters":{}},"1":{"jobType":"a","parameters":[9007199254740993]}}',
      [shapeOf(submitInput), shapeOf(submitInput)],
      { batch: true },
    )
    expect(scanner.faults).toMatchObject([{ call: 1, path: 'parameters[0]' }])
  })
})

describe('when reading stops, and when it goes on', () => {
  /** How many bytes of a text were read before it was refused. */
  const readUntil = (text: string, shapes: Shape[]) => {
    const bytes = new TextEncoder().encode(text)
    const scanner = new InputScanner(shapes, false)
    for (let end = 1_024; end < bytes.length; end += 1_024) {
      try {
        scanner.write(bytes, end)
      } catch {
        return end
      }
    }
    return bytes.length
  }

  it('reading stops at the twentieth fault of any kind', () => {
    const extra = Object.fromEntries(Array.from({ length: 1_200 }, (_, n) => [`k${n}`, n]))
    const cases: [string, string][] = [
      ['jobs[0].k19', jobs(...Array.from({ length: 200 }, () => job(extra)))],
      [
        'jobs[0].dependsOn[19]',
        jobs(...Array.from({ length: 200 }, () => job({ dependsOn: Array(1_000).fill(0) as number[] }))),
      ],
      [
        'jobs[0].dependsOn[19]',
        jobs(...Array.from({ length: 200 }, () => job({ dependsOn: Array(1_000).fill('') as string[] }))),
      ],
      ['jobs[19]', jobs(...(Array(1_000).fill([]) as unknown[]), job({ parameters: 'x'.repeat(100_000) }))],
      [
        'jobs[0].parameters[19]',
        jobs(...Array.from({ length: 200 }, () => job({ parameters: Array(1_000).fill('\0') as string[] }))),
      ],
      [
        'jobs[19].priority',
        jobs(...Array.from({ length: 1_000 }, () => job({ priority: {}, parameters: 'x'.repeat(1_000) }))),
      ],
    ]
    for (const [last, text] of cases) {
      expect(refusal(text, [many]).paths.at(-1)).toBe(last)
      expect(refusal(text, [many]).fields).toHaveLength(20)
      expect(readUntil(text, [many]), last).toBeLessThan(text.length / 4)
    }
  })

  it('fewer than twenty misfits are left to the schema, which reports all of them together', async () => {
    const text = jobs(job({ a: 1, priority: [], dependsOn: 7 }), 5)
    expect(await read(text, [many])).toMatchObject({ jobs: [{ a: 1, priority: [], dependsOn: 7 }, 5] })
    // Large values in wrong places are not parsed. An unknown field becomes 0, and a list where none belongs an empty one.
    const large = jobs(job({ a: Array(5_000).fill(0) as number[], priority: Array(5_000).fill(0) as number[] }))
    expect(await read(large, [many])).toMatchObject({ jobs: [{ jobType: 'sample.noop', a: 0, priority: [] }] })
  })

  it('a parent may be a text or an object, whose fields are known, and nothing else', async () => {
    const given = ['a', { job: 'b', on: 'ended' }]
    expect(await read(jobs(job({ dependsOn: given as string[] })), [many])).toMatchObject({
      jobs: [{ dependsOn: given }],
    })
    const twenty = (parent: unknown) =>
      refusal(jobs(job({ dependsOn: Array(20).fill(parent) as string[] })), [many])?.paths.at(-1)
    expect(twenty(7)).toBe('jobs[0].dependsOn[19]')
    expect(twenty([])).toBe('jobs[0].dependsOn[19]')
    expect(twenty({ other: 1 })).toBe('jobs[0].dependsOn[19].other')
  })

  it('reading stops at the first excess: too many jobs, parents or values, too large a size, or a name given twice', () => {
    expect(refusal(`{"jobs":[${'{},'.repeat(5_000)}{}]}`, [many])).toMatchObject({ paths: ['jobs'] })
    expect(refusal(jobs(job({ dependsOn: Array(1_001).fill('a') as string[] })), [many])).toMatchObject({
      paths: ['jobs[0].dependsOn'],
    })
    expect(
      refusal(jobs(...Array.from({ length: 101 }, () => job({ dependsOn: Array(1_000).fill('a') as string[] }))), [
        many,
      ]),
    ).toMatchObject({ reason: 'INVALID_INPUT', paths: ['jobs[100].dependsOn[0]'] })
    const zeros = Array(120_000).fill(0) as number[]
    expect(
      refusal(jobs(...Array.from({ length: 9 }, () => job({ parameters: zeros })), job({ parameters: 1 })), [many]),
    ).toMatchObject({ reason: 'TOO_LARGE' })
    expect(refusal(`{"${'x'.repeat(100_000)}":0}`, [many])).toMatchObject({
      reason: 'INVALID_INPUT',
      fields: [{ message: 'is not a known field' }],
    })
    expect(refusal('{"jobs":[],"jobs":[]}', [many])).toMatchObject({ reason: 'INVALID_INPUT', paths: ['jobs'] })
    // Parameters of more than 256 KiB. They are only refused here when the whole call is above 1 MiB (LARGE).
    for (const parameters of ['x'.repeat(300_000), Array(140_000).fill(0) as number[], { a: 'y'.repeat(270_000) }]) {
      const text = jobs(
        ...Array.from({ length: 8 }, () => job({ parameters: 'z'.repeat(150_000) })),
        job({ parameters }),
      )
      expect(refusal(text, [many])).toMatchObject({ reason: 'TOO_LARGE', paths: ['jobs[8].parameters'] })
      expect(
        refusal(jobs(job({ parameters }), job({ parameters: 'z'.repeat(10_000_000) })), [many]),
        'while it arrives',
      ).toMatchObject({ paths: ['jobs[1].parameters'] })
    }
  })

  it('reading does not stop at text that is long but stored small: blanks, escapes, digits', async () => {
    const inner = `"${'\\u0041'.repeat(200_000)}",${' '.repeat(500_000)}1${'\n'.repeat(500_000)},0.${'1'.repeat(300_000)}`
    const text = `{"organizationId":"${ID}","jobs":[{"jobType":"a","parameters":[${inner}]}]}`
    expect(await read(text, [many])).toEqual(JSON.parse(text))
  })

  it('a name that is given twice is refused at its place, however it is written, at any depth and in any member', () => {
    const twice = (parameters: string) =>
      refusal(`{"organizationId":"${ID}","jobs":[{"jobType":"a","parameters":${parameters}}]}`, [many])
    expect(twice('{"amount":1,"amount":2}')).toMatchObject({
      reason: 'INVALID_INPUT',
      fields: [{ path: 'jobs[0].parameters.amount', message: 'is given twice' }],
    })
    expect(twice('{"a":[0,{"b":{"x":1,"y":2,"x":3}}]}').paths).toEqual(['jobs[0].parameters.a[1].b.x'])
    expect(twice('{"order":1,"\\u006frder":2}').paths).toEqual(['jobs[0].parameters.order'])
    expect(twice('{"\\u00e9":1,"é":2}').paths).toEqual(['jobs[0].parameters.é'])
    expect(twice('{"a\\"b":1,"a\\u0022b":2}').paths).toHaveLength(1)
    expect(twice('{"":1,"":2}').paths).toHaveLength(1)
    expect(twice(`{${Array.from({ length: 5_000 }, (_, n) => `"f${n}":0`).join()},"f4321":1}`).paths).toEqual([
      'jobs[0].parameters.f4321',
    ])
    expect(refusal('{"organizationId":1,"jobs":[],"other":1,"other":2}', [FREE]).paths).toEqual(['other'])
    expect(refusal('{"0":{"parameters":{}},"1":{"parameters":{"a":1,"a":2}}}', [many]).reason).toBe('INVALID_INPUT')
    const batch = scan('{"0":{"a":1},"1":{"b":{"a":1,"a":2}}}', [FREE, FREE], { batch: true })
    expect(batch.scanner.faults).toEqual([{ call: 1, path: 'b.a', message: 'is given twice' }])
  })

  it('objects beside or inside each other may have the same names, and names that only look alike are different', async () => {
    const text = '{"a":{"a":{"a":1},"b":[{"a":1},{"a":2}]},"b":{"a":1},"A":0,"a ":0,"é":1,"e\u0301":2}'
    expect(await read(text)).toEqual(JSON.parse(text))
    const wide = `{${Array.from({ length: 30_000 }, (_, n) => `"${n}":{"x":1}`).join()}}`
    for (const piece of [1_000, 1_000_000]) expect(await read(wide, [FREE], { piece })).toEqual(JSON.parse(wide))
  })
})
