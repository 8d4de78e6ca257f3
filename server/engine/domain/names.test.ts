import { describe, expect, it } from 'vitest'
import { EngineError } from './errors'
import { cleanedName, nameProblem, requireName, tidyName } from './names'

const UNSEEN = [
  0x00, 0x07, 0x09, 0x0a, 0x0d, 0x1b, 0x7f, 0x85, 0x9f, 0xad, 0x034f, 0x061c, 0x115f, 0x17b4, 0x180e, 0x200b, 0x200c,
  0x200d, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202d, 0x202e, 0x2060, 0x2064, 0x2066, 0x2069, 0x2800, 0x3164,
  0xe000, 0xfe0f, 0xfeff, 0xffa0, 0xfff9, 0xffff, 0x1d173, 0xe0001, 0xe0041, 0xe0100, 0x10fffd,
]

describe('a name', () => {
  it('a name with an invisible character is refused wherever it stands, and the error gives the field and the character', () => {
    for (const code of UNSEEN) {
      const unseen = String.fromCodePoint(code)
      for (const name of [`Ac${unseen}me`, `${unseen}Acme`, `Acme${unseen}`]) {
        const refuse = () => requireName(name, 'changes.name')
        expect(refuse, code.toString(16)).toThrow(EngineError)
        expect(refuse).toThrow(`changes.name must hold no control`)
        expect(refuse).toThrow(`U+${code.toString(16).toUpperCase().padStart(4, '0')} is one`)
      }
    }
    expect(() => requireName('\ud83d', 'name')).toThrow(EngineError)
  })

  it('a name in any script is kept, composed and with single spaces', () => {
    for (const name of [
      'Acme',
      'Zoë & Söhne',
      'Даша',
      '日本電気株式会社',
      'محمد علي',
      'राम',
      'שלום',
      '한국',
      "O'Neill-Smith (2)",
      '🚀 Rockets',
      'Ⅷ',
      '…',
    ]) {
      expect(requireName(name, 'name'), name).toBe(name.normalize('NFC'))
    }
    expect(tidyName('  Acme\u00a0\u2003 Corp ')).toBe('Acme Corp')
    expect(tidyName('Zoe\u0308')).toBe('Zo\u00eb')
  })

  it('a name must have something visible in it, and at most 100 characters', () => {
    for (const name of ['', ' ', '\u3000', '\u00a0\u2003', '\u0301'])
      expect(nameProblem(tidyName(name)), JSON.stringify(name)).toBe('must not be empty')
    expect(nameProblem('x'.repeat(100))).toBeNull()
    expect(nameProblem('x'.repeat(101))).toBe('must have at most 100 characters')
  })
})

describe('a name that a provider says', () => {
  it('a name that a provider sends is cleaned instead of refused', () => {
    expect(cleanedName('\u202eOlive\u200b\nOidc\u0000')).toBe('Olive Oidc')
    expect(cleanedName(`${'x'.repeat(99)}🚀`)).toBe('x'.repeat(99))
    expect(cleanedName('\ud83dOlive')).toMatch(/Olive$/)
    for (const nothing of [null, undefined, '', ' ', '\u200b\u202e', '\u0301']) expect(cleanedName(nothing)).toBeNull()
    for (const code of UNSEEN)
      expect(nameProblem(cleanedName(`A${String.fromCodePoint(code)}b`)!), code.toString(16)).toBeNull()
  })
})
