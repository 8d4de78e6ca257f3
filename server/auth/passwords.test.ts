import bcrypt from 'bcrypt'
import { expect, it } from 'vitest'
import { checkPassword, hashPassword } from './passwords'

it('only the right password of an account passes', async () => {
  const hash = await hashPassword('correct horse')
  expect(await checkPassword('correct horse', hash)).toBe(true)
  expect(await checkPassword('wrong horse', hash)).toBe(false)
  expect(await checkPassword('', null)).toBe(false)
})

it('an unknown account costs as much as a known one', async () => {
  const spent = async (hash: string | null) => {
    const at = performance.now()
    await checkPassword('guess', hash)
    return performance.now() - at
  }
  const hash = await hashPassword('x')
  expect(bcrypt.getRounds(hash)).toBe(12)
  const [known, unknown] = [await spent(hash), await spent(null)]
  expect(unknown).toBeGreaterThan(known / 4)
})

it('others are served while a password is checked', async () => {
  const hash = await hashPassword('x')
  let turns = 0
  const turning = setInterval(() => turns++, 1)
  await checkPassword('x', hash)
  clearInterval(turning)
  // A check in this thread, in slices of 100 ms as JavaScript would do it, leaves room for a handful.
  expect(turns).toBeGreaterThan(20)
})
