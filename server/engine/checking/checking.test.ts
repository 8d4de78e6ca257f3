import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { expect, it } from 'vitest'
import type { Json } from '../domain/types'
import type { EngineError } from '../domain/errors'
import { checkElsewhere } from './pool'
import { Turns } from './turns'

const object = (field: Json): Json => ({ type: 'object', properties: { a: field } })

it('a thread says what is wrong with parameters, and masks what is sensitive', async () => {
  const schema = object({ type: 'string', 'x-sensitive': true })
  expect((await checkElsewhere('acme', schema, { a: 1 })).problems).toEqual([
    { path: 'parameters.a', message: 'must be a string, not a number' },
  ])
  expect(await checkElsewhere('acme', schema, { a: 'x' })).toEqual({
    problems: [],
    masked: { parameters: { a: '[masked]' }, places: [['a']] },
  })
})

it('a pattern that would run for ever is given up; its thread is ended, and the next check gets another', async () => {
  // For a text of many "a" and one other letter, both halves of the pattern try 2^60 ways. The lookaheads keep it from
  // the engine that takes linear time.
  const forever = object({ pattern: '^(?=(a+)+$)b|^(a+)+$(?!x)' })
  const hard: Json = { a: `${'a'.repeat(60)}!` }
  const late = await Promise.all(
    ['acme', 'globex', 'initech'].map((organization) => checkElsewhere(organization, forever, hard)),
  )
  for (const { problems } of late)
    expect(problems).toEqual([
      { path: 'parameters', message: expect.stringContaining('that would take too long') as string },
    ])
  expect((await checkElsewhere('acme', forever, { a: 'c' })).problems).toEqual([
    { path: 'parameters.a', message: expect.stringContaining('must match') as string },
  ])
  expect((await checkElsewhere('acme', object({ type: 'string' }), { a: 'x' })).problems).toEqual([])
})

it('a quick check is not given up because whoever asked for it was too busy to read the answer', async () => {
  // Now a thread is running, so that nothing but the answer can come late.
  await checkElsewhere('acme', object({}), {})
  const busy = setInterval(() => {
    for (const until = performance.now() + 500; performance.now() < until;);
  }, 1)
  try {
    expect((await checkElsewhere('acme', object({ type: 'string' }), { a: 'x' })).problems).toEqual([])
  } finally {
    clearInterval(busy)
  }
})

it('what the processor would have checked in time is not refused because the machine has much else to do', async () => {
  // This takes a processor some 50 ms. By the clock it takes longer than 225 ms, because six other threads want each
  // processor. A check may use 225 ms, but of the time of the processor: 200 ms, and 25 ms until its thread is ended.
  const schema = object({ pattern: '(?:a|b)*a(?:a|b){100}$' })
  // 3,000 letters "a" and "b" in no simple order.
  const value: Json = { a: Array.from({ length: 3_000 }, (_, n) => 'ab'[((n * n) % 7) & 1]).join('') }
  const others = Array.from({ length: 6 * availableParallelism() }, () => new Worker('for (;;);', { eval: true }))
  try {
    // Where no thread begins with it in time, or the clock has run for 2 s, it is refused as UNAVAILABLE, and may be
    // tried again.
    for (let tries = 0; ; tries++) {
      const problems = await checkElsewhere('acme', schema, value).then(
        (checked) => checked.problems,
        (error: EngineError) => error.reason,
      )
      if (problems === 'UNAVAILABLE' && tries < 20) continue
      expect(problems).toEqual([{ path: 'parameters.a', message: expect.stringContaining('must match') as string }])
      break
    }
  } finally {
    await Promise.all(others.map((other) => other.terminate()))
  }
})

it('the event loop goes on while a thread checks', async () => {
  let turnsOfTheLoop = 0
  const counting = setInterval(() => turnsOfTheLoop++, 1)
  try {
    await checkElsewhere('acme', object({ pattern: '^(?=(a+)+$)b' }), { a: `${'a'.repeat(60)}!` })
  } finally {
    clearInterval(counting)
  }
  expect(turnsOfTheLoop).toBeGreaterThan(20)
})

it('an organization that brings much work delays another one by one piece of it', async () => {
  const turns = new Turns({ atOnce: 1, mostWaiting: 10 })
  const done: string[] = []
  const piece = (owner: string) =>
    turns.run(owner, async () => {
      await Promise.resolve()
      done.push(owner)
    })
  const flood = Array.from({ length: 5 }, () => piece('flood'))
  await Promise.all([...flood, piece('quiet')])
  expect(done.indexOf('quiet')).toBe(1)
  expect(done).toHaveLength(6)
})

it('organizations that keep the threads busy take turns, and one that comes newly waits for one running check only', async () => {
  let time = 0
  const turns = new Turns({ atOnce: 2, mostWaiting: 100 }, () => time)
  const ends: (() => void)[] = []
  const begun: string[] = []
  const piece = (owner: string) =>
    turns.run(owner, () => {
      begun.push(owner)
      return new Promise<void>((resolve) => ends.push(resolve))
    })
  const endOne = async () => {
    ends.shift()!()
    time += 225 // as long as a processor may work for a check
    await new Promise(setImmediate)
  }
  const all = ['a', 'b', 'c', 'd', 'e'].flatMap((owner) => [1, 2, 3].map(() => piece(owner)))
  for (let n = 0; n < 5; n++) await endOne()
  expect(begun).toEqual(['a', 'a', 'b', 'c', 'd', 'e', 'a'])
  all.push(piece('new'), piece('new'))
  while (ends.length > 0) await endOne()
  await Promise.all(all)
  // The second piece of the new one waits for its turn, as those of the others do.
  expect(begun.slice(7)).toEqual(['new', 'b', 'c', 'd', 'e', 'new', 'b', 'c', 'd', 'e'])
})

it('work that fails gives its place back', async () => {
  const turns = new Turns({ atOnce: 1, mostWaiting: 10 })
  await expect(turns.run('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await turns.run('a', () => Promise.resolve(1))).toBe(1)
})

it('an organization that sends hard jobs faster than they are checked is told to wait, and another one is not', async () => {
  const turns = new Turns({ atOnce: 1, mostWaiting: 2 })
  let endFirst = () => {}
  const first = turns.run('many', () => new Promise<void>((resolve) => (endFirst = resolve)))
  const nothing = () => Promise.resolve()
  const waiting = [turns.run('many', nothing), turns.run('many', nothing)]
  await expect(turns.run('many', nothing)).rejects.toMatchObject({ reason: 'RATE_LIMITED' })
  const other = turns.run('other', nothing)
  endFirst()
  await Promise.all([first, other, ...waiting])
  await turns.run('many', nothing)
})
