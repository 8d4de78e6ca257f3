import { describe, expect, it } from 'vitest'
import { redactor } from './redact'

describe('redactor', () => {
  it('replaces a secret as it is, as JSON quotes it, and as an address carries it', () => {
    const redact = redactor(['p"a ß/1'])
    expect(redact('sent p"a ß/1 twice: p"a ß/1')).toBe('sent [masked] twice: [masked]')
    expect(redact(JSON.stringify({ key: 'p"a ß/1' }))).toBe('{"key":"[masked]"}')
    expect(redact(`https://x.example/?key=${encodeURIComponent('p"a ß/1')}&n=1`)).toBe(
      'https://x.example/?key=[masked]&n=1',
    )
    expect(redact(new URLSearchParams({ key: 'p"a ß/1' }).toString())).toBe('key=[masked]')
  })

  it('replaces a short one only as a whole word', () => {
    expect(redactor(['7'])('attempt 7 of 17, 7.5 s, x7, code=7')).toBe(
      'attempt [masked] of 17, [masked].5 s, x7, code=[masked]',
    )
    expect(redactor(['abcd'])('xabcdx')).toBe('x[masked]x')
  })

  it('replaces each line of a longer one, as a private key is logged', () => {
    const key = '-----BEGIN KEY-----\nMIIEvQIBADANBg\n=\n-----END KEY-----\n'
    const redact = redactor([key])
    expect(redact(key)).toBe('[masked]')
    expect(redact('line 2: MIIEvQIBADANBg')).toBe('line 2: [masked]')
    expect(redact('a = b')).toBe('a = b')
  })

  it('leaves no end of one secret that begins within another', () => {
    expect(redactor(['secret', 'secret-two', 'two-three'])('secret-two-three')).toBe('[masked]')
    expect(redactor(['masked'])('masked masked')).toBe('[masked] [masked]')
  })

  it('takes texts for what they are, however long', () => {
    expect(redactor(['a.b*(c'])('a.b*(c aXb*(c')).toBe('[masked] aXb*(c')
    const long = 'x{'.repeat(130_000)
    expect(redactor([long])(`<${long}>`)).toBe('<[masked]>')
  })

  it('says nothing at all where there are too many to look for', () => {
    expect(redactor(Array.from({ length: 1_001 }, (_, n) => `key-${n}`))('hello')).toBe('[masked]')
    expect(redactor([])('hello')).toBe('hello')
  })
})
