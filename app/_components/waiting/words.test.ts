import { expect, test } from 'vitest'
import { WAITING_CODES } from '@/server/engine/domain/waiting-codes'
import { codeOfWord, CODES, reasonLabel, reasonWord } from './words'

test('every reason of the engine has its own label and its own word, and the word leads back to the reason', () => {
  expect([...CODES].sort()).toEqual([...WAITING_CODES].sort())
  expect(new Set(CODES.map(reasonLabel)).size).toBe(CODES.length)
  for (const code of CODES) expect(codeOfWord(reasonWord(code).toUpperCase())).toBe(code)
})

test('an unknown word stands for no reason', () => {
  for (const word of ['', 'limits', 'constructor', 'PAUSED ']) expect(codeOfWord(word)).toBeNull()
})
