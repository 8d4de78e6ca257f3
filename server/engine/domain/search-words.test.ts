import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { askedWords, textsIn, wordsOf } from './search-words'
import type { Json } from './types'

/** As the index answers: each word that is asked for begins one of the job's. */
const finds = (search: string, ...texts: string[]) => {
  const [asked, words] = [askedWords(search), wordsOf(texts)]
  return asked.length > 0 && asked.every((word) => words.some((other) => other.startsWith(word)))
}

describe('a search', () => {
  it.each([
    ['log', '/var/log/app.log'],
    ['app.log', '/var/log/app.log'],
    ['/var/log/app.log', '/var/log/app.log'],
    ['000123', 'ORD-2024-000123'],
    ['ord-2024', 'ORD-2024-000123'],
    ['ada', 'Ada.Lovelace@example.com'],
    ['lovelace', 'ada.lovelace@example.com'],
    ['example.com', 'ada@mail.example.com'],
    ['@example', 'ada@example.com'],
    ['billing', 'https://billing.example.com:8443/jobs/invoice?id=77#top'],
    ['8443', 'https://billing.example.com:8443/'],
    ['invoice', 'https://x.example/jobs/invoice?id=77'],
    ['retry_count', 'max_retry_count'],
    ['count', 'max_retry_count'],
    ['case', 'kebab-case-name'],
    ['order', 'customerOrderId'],
    ['customerorder', 'customerOrderId'],
    ['zuric', 'Zürich'],
    ['ZÜRICH', 'zürich'],
    ['Straße', 'STRASSE straße'],
    ['2026-11', '2026-11-29T08:00:00Z'],
    ['10:00:00Z', '2026-11-29T10:00:00Z'],
    ['123def', 'ABC123DEF'],
    ['def', 'ABC123DEF'],
    ['1.2.3', 'v1.2.3-beta.4'],
    ['beta.4', 'v1.2.3-beta4'],
    ['14', 'iPhone14Pro'],
    ['STRASSE', 'Hauptstr. 1, Lange Straße 2'],
    ['straße', 'LANGE STRASSE 2'],
    ['12.5', '12.5'],
    ['Übermut', 'U\u0308bermut'],
    ['注文番号', '注文番号123'],
    ['東京都', '東京都の請求書を作成しました。'],
    ['請求書', '東京都の請求書を作成しました。'],
    ['作成', '東京都の請求書を作成しました。'],
    ['た', '東京都の請求書を作成しました。'],
    ['请求书', '请创建请求书并发送'],
    ['ORD-2024', '注文ORD-2024-000123を処理'],
    ['000123', '注文ORD-2024-000123を処理'],
    ['処理', '注文ORD-2024-000123を処理'],
    ['ガイド', 'ﾕｰｻﾞｰｶﾞｲﾄﾞ'],
    ['청구서', '월간청구서를보냅니다'],
    ['ใบแจ้งหนี้', 'กรุณาส่งใบแจ้งหนี้ภายในวันนี้'],
    ['日本', '全日本空輸'],
    ['Москва', 'г. Москва'],
    ['हिन्दी', 'हिन्दी भाषा'],
    ['ﬁle', 'file'],
    ['abc', 'x'.repeat(5) + ' abcdef'],
  ])('a search for %j finds %j', (search, text) => expect(finds(search, text)).toBe(true))

  it.each([
    ['ogg', '/var/log/app.log'],
    ['acme 2025', 'Acme 2026'],
    ['---', 'a---b'],
    ['number', 'num'],
    ['3c', '1a2b3c4d'],
    ['請書', '東京都の請求書'],
    ['ส่งหนี้', 'กรุณาส่งใบแจ้งหนี้'],
  ])('a search for %j does not find %j', (search, text) => expect(finds(search, text)).toBe(false))

  it('a text is found by whatever somebody copies out of it, from its beginning to anywhere', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'binary', maxLength: 90 }), { minLength: 1, maxLength: 6 }),
        fc.nat(),
        (parts, cut) => {
          const text = parts.join(' ')
          const copied = text.slice(0, cut % (text.length + 1))
          // Half of a surrogate pair, or of a letter and its accents, is not what was there.
          fc.pre(
            copied.isWellFormed() &&
              !/^[\p{M}\u200d]/u.test(text.slice(copied.length)) &&
              askedWords(copied).length > 0,
          )
          expect(finds(copied, text)).toBe(true)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('a text is found by all its words, wherever they stand', () =>
    expect(finds('acme timeout', 'Acme Ltd', 'Connection timeout')).toBe(true))
})

describe('words', () => {
  it('words are letters and digits that PostgreSQL can keep, each once, however long the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const words = wordsOf([text])
        expect(new Set(words).size).toBe(words.length)
        for (const word of words) {
          expect(word).toMatch(/^[\p{L}\p{N}\p{M}]+$/u)
          expect(word.isWellFormed()).toBe(true)
          expect([...word].length).toBeLessThanOrEqual(64)
        }
      }),
    )
    const before = process.cpuUsage()
    expect(wordsOf(['x'.repeat(262_144), 'aB'.repeat(131_072), '😀'.repeat(65_536)]).length).toBeLessThan(20)
    expect(wordsOf([Array.from({ length: 50_000 }, (_, n) => n.toString(36)).join(' ')])).toHaveLength(20_000)
    // Time of the processor, because other programs may keep the machine busy.
    expect(process.cpuUsage(before).user).toBeLessThan(1_000_000)
  })

  it('the words of a job stay within what PostgreSQL keeps, whatever their letters and parts', () => {
    for (const part of ['Ωσσ', 'Abb', '漢', '😀a', 'ﷺ']) {
      const words = wordsOf([
        Array.from({ length: 20_000 }, (_, n) => (part.repeat(20) + n.toString(36)).slice(0, 64)).join(' '),
      ])
      // In the index, five characters of the organization's id stand before each word (store/reads/search.ts).
      expect(Buffer.byteLength(words.join('')) + 5 * words.length).toBeLessThan(900_000)
    }
  })

  it('words come from values at any depth, not from names of fields', () => {
    const value: Json = { secretName: ['a', { b: 1, c: true, d: null }] }
    expect([...textsIn(value)]).toEqual(['a', '1', 'true'])
  })
})
