import { describe, expect, it } from 'vitest'
import { redactor } from './redact'

describe('redactor', () => {
  it('a secret is hidden in a log as it is, as JSON quotes it, and as a URL carries it', () => {
    const redact = redactor(['p"a ß/1'])
    expect(redact('sent p"a ß/1 twice: p"a ß/1')).toBe('sent [masked] twice: [masked]')
    expect(redact(JSON.stringify({ key: 'p"a ß/1' }))).toBe('{"key":"[masked]"}')
    expect(redact(`https://x.example/?key=${encodeURIComponent('p"a ß/1')}&n=1`)).toBe(
      'https://x.example/?key=[masked]&n=1',
    )
    expect(redact(new URLSearchParams({ key: 'p"a ß/1' }).toString())).toBe('key=[masked]')
  })

  it('a secret is hidden in an address however it was put there, whatever characters it has', () => {
    const secret = "p@ss!w o'r(d)~*"
    const redact = redactor([secret])
    const url = new URL('https://x.example/')
    url.searchParams.set('key', secret)
    for (const address of [
      url.href,
      `https://x.example/?key=${encodeURIComponent(secret)}`,
      new URL(`https://x.example/?key=${encodeURIComponent(secret)}`).href,
      `https://x.example/?${new URLSearchParams({ key: secret }).toString()}`,
    ])
      expect(redact(`GET ${address} failed`)).toBe('GET https://x.example/?key=[masked] failed')
  })

  it('a short secret is hidden only where it stands as a whole word', () => {
    expect(redactor(['7'])('attempt 7 of 17, 7.5 s, x7, code=7')).toBe(
      'attempt [masked] of 17, [masked].5 s, x7, code=[masked]',
    )
    expect(redactor(['abcd'])('xabcdx')).toBe('x[masked]x')
  })

  it('each line of 8 characters or more of a secret, such as a private key, is hidden by itself', () => {
    const key = '-----BEGIN KEY-----\nMIIEvQIBADANBg\n=\n-----END KEY-----\n'
    const redact = redactor([key])
    expect(redact(key)).toBe('[masked]')
    expect(redact('line 2: MIIEvQIBADANBg')).toBe('line 2: [masked]')
    expect(redact('a = b')).toBe('a = b')
  })

  it('where two secrets overlap, no end of either remains', () => {
    expect(redactor(['secret', 'secret-two', 'two-three'])('secret-two-three')).toBe('[masked]')
    expect(redactor(['masked'])('masked masked')).toBe('[masked] [masked]')
  })

  it('a secret is plain text and no pattern, however long it is', () => {
    expect(redactor(['a.b*(c'])('a.b*(c aXb*(c')).toBe('[masked] aXb*(c')
    const long = 'x{'.repeat(130_000)
    expect(redactor([long])(`<${long}>`)).toBe('<[masked]>')
  })

  it('where a job has too many secrets to look for, nothing that it logs is shown', () => {
    expect(redactor(Array.from({ length: 1_001 }, (_, n) => `key-${n}`))('hello')).toBe('[masked]')
    expect(redactor([])('hello')).toBe('hello')
  })
})
