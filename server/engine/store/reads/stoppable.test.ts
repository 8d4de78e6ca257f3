import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { openStoppable } from './stoppable'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Nothing listens there. These tests ask no statement. */
const NOWHERE = 'postgresql://nobody@127.0.0.1:1/nothing'

it('an answer is freed once whoever asked has dropped it, although the signal never fires', async () => {
  const stop = new AbortController()
  const { unlessStopped, close } = openStoppable(NOWHERE, () => stop.signal)
  const answers: WeakRef<object>[] = []
  for (let n = 0; n < 100; n++)
    answers.push(new WeakRef(await unlessStopped(() => Promise.resolve({ rows: Array(1_000).fill(n) as number[] }))))
  await turn()
  collectGarbage()
  // The last ones may still be in a register.
  expect(answers.filter((answer) => answer.deref() !== undefined).length).toBeLessThan(5)
  await close()
})

it('whoever waits is told the reason of the signal at once, later questions are not asked, and errors pass through', async () => {
  const stop = new AbortController()
  const { unlessStopped, close } = openStoppable(NOWHERE, () => stop.signal)
  await expect(unlessStopped(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
  const waiting = unlessStopped(() => new Promise(() => undefined))
  stop.abort(new Error('canceled'))
  await expect(waiting).rejects.toThrow('canceled')
  let asked = false
  await expect(unlessStopped(() => Promise.resolve((asked = true)))).rejects.toThrow('canceled')
  expect(asked).toBe(false)
  await close()
})
