import { expect, it } from 'vitest'
import { EngineError } from '@/server/engine'
import { CallerTurns } from './caller-turns'

const turnsOf = (rules: { atOnce: number; mostWaiting: number; patienceMs?: number }) =>
  new CallerTurns({ patienceMs: 10_000, ...rules, refusal: () => new EngineError('RATE_LIMITED', 'Wait.') })

it('a caller runs a limited number of calls at once, the rest wait in order, and other callers do not wait for them', async () => {
  const turns = turnsOf({ atOnce: 2, mostWaiting: 10 })
  const begun: number[] = []
  const ends = [await turns.take('many'), await turns.take('many')]
  const waiting = [1, 2].map((n) =>
    turns.take('many').then((end) => {
      begun.push(n)
      return end
    }),
  )
  ;(await turns.take('other'))()
  expect(begun).toEqual([])
  ends[0]!()
  // Ending the same turn again frees nothing.
  ends[0]!()
  const endFirst = await waiting[0]!
  expect(begun).toEqual([1])
  ends[1]!()
  const endSecond = await waiting[1]!
  expect(begun).toEqual([1, 2])
  endFirst()
  endSecond()
  await Promise.all([turns.take('many'), turns.take('many')])
})

it('a call is refused if too many calls of the same caller wait, or if it has waited for too long', async () => {
  const turns = turnsOf({ atOnce: 1, mostWaiting: 1, patienceMs: 20 })
  const end = await turns.take('many')
  const late = turns.take('many')
  const refused = expect(late).rejects.toMatchObject({ reason: 'RATE_LIMITED' })
  await expect(turns.take('many')).rejects.toMatchObject({ reason: 'RATE_LIMITED' })
  await refused
  end()
  ;(await turns.take('many'))()
})
