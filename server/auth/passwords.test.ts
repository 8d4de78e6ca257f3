import bcrypt from 'bcryptjs'
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
