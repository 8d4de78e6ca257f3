import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { setTimeout as sleep } from 'node:timers/promises'
import { availableParallelism } from 'node:os'
import { expect, it } from 'vitest'
import { hashesAtOnce, inHashingTurn, inNetworkTurn } from './sign-in-turns'

it('a flood of sign-ins from one network leaves a core free, and lets a sign-in from elsewhere come next', async () => {
  const order: string[] = []
  let atWork = 0
  let most = 0
  const signIn = (address: string, name: string) =>
    inNetworkTurn(address, () =>
      inHashingTurn(async () => {
        most = Math.max(most, ++atWork)
        await sleep(5)
        atWork--
        order.push(name)
        return name
      }),
    )
  const flood = Array.from({ length: 20 }, (_, n) => signIn('192.0.2.1', `flood ${n}`))
  const other = signIn('198.51.100.7', 'other')
  await Promise.all([...flood, other])
  expect(order.indexOf('other')).toBeLessThanOrEqual(1)
  expect(order).toHaveLength(21)
  expect(most).toBeLessThanOrEqual(hashesAtOnce(availableParallelism()))
})

it('when one network sends very many sign-ins, the last are refused at once, and a later one is let in again', async () => {
  let open!: () => void
  const held = new Promise<void>((resolve) => (open = resolve))
  const all = Array.from({ length: 100 }, () => inNetworkTurn('2001:db8::1', () => held.then(() => true)))
  // The same household has other addresses of its network.
  expect(await inNetworkTurn('2001:db8::2', () => Promise.resolve(true))).toBe(null)
  open()
  const answers = await Promise.all(all)
  // One of the hundred was at work, and thirty waited.
  expect(answers.filter((answer) => answer === null)).toHaveLength(69)
  expect(await inNetworkTurn('2001:db8::1', () => Promise.resolve(true))).toBe(true)
})

it.each([
  [1, undefined, 1],
  [2, undefined, 1],
  [4, undefined, 3],
  [5, undefined, 3],
  [64, undefined, 3],
  [64, '16', 15],
  [8, '16', 7],
  [8, '1', 1],
  [8, 'many', 1],
])('with %s cores, and a pool of %s threads, %s passwords are hashed at once', (cores, threads, expected) => {
  expect(hashesAtOnce(cores, threads)).toBe(expected)
})

it('on a machine with very many cores, files are read while as many passwords are hashed as may be at once', async () => {
  // A process of its own, because every thread of this one shares the pool.
  const firstDone = async (hashes: number) => {
    const program = `
      const { stat } = require('node:fs')
      const bcrypt = require('bcrypt')
      const salt = bcrypt.genSaltSync(12)
      const done = []
      for (let n = 0; n < ${hashes}; n++) bcrypt.hash('x', salt, () => done.push('hash'))
      stat('.', () => console.log(done.length === 0 ? 'file' : 'hash'))`
    const env = { ...process.env }
    delete env.UV_THREADPOOL_SIZE
    return (await promisify(execFile)(process.execPath, ['-e', program], { env })).stdout.trim()
  }
  expect(await firstDone(hashesAtOnce(64))).toBe('file')
  // One more takes the last thread.
  expect(await firstDone(hashesAtOnce(64) + 1)).toBe('hash')
})

it('when many networks send sign-ins, a few are at work, and nothing is done for those that wait', async () => {
  let atWork = 0
  let most = 0
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, n) =>
      inNetworkTurn(`192.0.2.${n}`, async () => {
        most = Math.max(most, ++atWork)
        await sleep(2)
        atWork--
        return true
      }),
    ),
  )
  expect(answers.every(Boolean)).toBe(true)
  expect(most).toBeLessThanOrEqual(availableParallelism() + 3)
})
