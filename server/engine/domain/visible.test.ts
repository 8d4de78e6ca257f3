import { describe, expect, it } from 'vitest'
import { cutText, runsRightToLeft, visible, visibleJson, visibleParts } from './visible'

describe('text of others', () => {
  it.each([
    ['turned around', 'invoice\u202efdp.exe', 'invoice\\u202efdp.exe'],
    ['isolated', '\u2066a\u2069', '\\u2066a\\u2069'],
    ['marked', 'a\u200eb\u200fc\u061cd', 'a\\u200eb\\u200fc\\u061cd'],
    ['of no width', 'ad\u200bmin\u2060\ufeff', 'ad\\u200bmin\\u2060\\ufeff'],
    ['joined where nothing joins', 'a\u200cd\u200dmin', 'a\\u200cd\\u200dmin'],
    ['with soft hyphens', 'ad\u00admin', 'ad\\u00admin'],
    ['with empty Braille signs', 'ad\u2800min', 'ad\\u2800min'],
    ['with controls', 'a\0b\x1b[31mc\x7f\x85\b', 'a\\u0000b\\u001b[31mc\\u007f\\u0085\\u0008'],
    ['overwritten', 'all is well\rfailed', 'all is well\\u000dfailed'],
    ['with tags', 'a\u{e0041}\u{e007f}', 'a\\u{e0041}\\u{e007f}'],
    [
      'with fillers and selectors',
      'a\u3164b\u115fc\ufe0fd\u034fe\u{e0100}',
      'a\\u3164b\\u115fc\\ufe0fd\\u034fe\\u{e0100}',
    ],
    ['with signs of no font', '\ue000\u{f0000}\u0378\uffff', '\\ue000\\u{f0000}\\u0378\\uffff'],
    ['with half a pair', 'a\ud83d', 'a\\ud83d'],
    ['in lines of another kind', 'a\u2028b\u2029', 'a\\u2028b\\u2029'],
    ['with two joiners in a row', 'می\u200c\u200cخواهم', 'می\\u200c\\u200cخواهم'],
    ['with a joiner at its end', 'سلام\u200c', 'سلام\\u200c'],
    ['with tags after a flag that is none', '\u{1f3f4}\u{e0061}\u{e007f}', '\u{1f3f4}\\u{e0061}\\u{e007f}'],
  ])('invisible characters are written out: text %s', (_, text, shown) => {
    expect(visible(text)).toBe(shown)
    expect(visibleParts(text).some((part) => typeof part !== 'string')).toBe(true)
  })

  it.each([
    'plain, with\ttabs\nand lines\r\n',
    'Ärger, naïve, ½ € 日本語 한국어 ไทย',
    'می‌خواهم کتاب‌ها',
    'שלום עולם',
    'مرحبا بالعالم',
    'क्‍ष और क्‌ष',
    'ශ්‍රී ලංකා',
    'প্র্যাক‌টিস',
    '👩‍👩‍👧 👩🏽‍🚀 🏳️‍🌈 🏴‍☠️ ❤️ 1️⃣ 🇩🇪',
    '\u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}',
    '葛\u{e0100}飾区',
    '\u06dd١٢٣',
    'e\u0301 ñ',
    '',
  ])('ordinary text stays as it is: %s', (text) => {
    expect(visible(text)).toBe(text)
  })

  it('a written-out character differs from the same letters typed by somebody', () => {
    expect(visibleParts('\\u202e\u202e')).toEqual(['\\u202e', { escape: '\\u202e', code: 'U+202E' }])
  })

  it('JSON to read means the same value, with its invisible characters written out', () => {
    const value = { 'na\u202eme': ['a\u200bb', '\u{e0041}', '\n\t', 'می‌خواهم', '👩‍👩‍👧', '\\u202e'] }
    const json = visibleJson(value)
    expect(JSON.parse(json)).toEqual(value)
    expect(json).toContain('"na\\u202eme"')
    expect(json).toContain('"\\udb40\\udc41"')
    expect(json).not.toMatch(/[\u202e\u200b]/)
    expect(visibleJson(value, 0)).not.toContain('\n')
  })

  it('text that runs from right to left is recognized, so that it can be kept apart from what stands beside it', () => {
    expect(['שלום', 'a مرحبا', 'plain', '日本'].map(runsRightToLeft)).toEqual([true, true, false, false])
  })

  it('text is cut between characters, and long text is searched quickly', () => {
    expect(cutText('a👩b', 2)).toBe('a')
    expect(cutText('a👩b', 3)).toBe('a👩')
    const before = process.cpuUsage()
    for (const text of [
      'é'.repeat(256_000),
      '\u202e'.repeat(256_000),
      'م\u200c'.repeat(128_000),
      '👩\u200d'.repeat(80_000),
    ])
      visible(text)
    // Time of the processor, because other programs may keep the machine busy.
    expect(process.cpuUsage(before).user).toBeLessThan(2_000_000)
  })
})
