import bcrypt from 'bcrypt'
import { expect, it, vi } from 'vitest'
import { checkPassword, hashPassword } from './passwords'

it('only the right password of an account passes', async () => {
  const hash = await hashPassword('correct horse')
  expect(await checkPassword('correct horse', hash)).toBe(true)
  expect(await checkPassword('wrong horse', hash)).toBe(false)
  expect(await checkPassword('', null)).toBe(false)
})

it('a password for an unknown account takes as long as one for a known account', async () => {
  const compare = vi.spyOn(bcrypt, 'compare')
  const hash = await hashPassword('x')
  expect(await checkPassword('guess', hash)).toBe(false)
  expect(await checkPassword('guess', null)).toBe(false)
  // The time depends on the number of rounds (2 to their power) and on nothing else of the hash.
  expect(compare.mock.calls.map(([, compared]) => bcrypt.getRounds(compared))).toEqual([12, 12])
  compare.mockRestore()
})

it('other requests are served while a password is checked', async () => {
  const hash = await hashPassword('x')
  let turns = 0
  let over = false
  const turn = () => {
    turns++
    if (!over) setImmediate(turn)
  }
  turn()
  await checkPassword('x', hash)
  over = true
  // If the password were checked in this thread, in slices of 100 ms as a JavaScript version does, there would be only
  // a handful of turns.
  expect(turns).toBeGreaterThan(20)
})
