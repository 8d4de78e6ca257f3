import { expect, test } from 'vitest'
import { foldEqualLines, lineDiff } from './line-diff'

const shown = (before: string, after: string) =>
  lineDiff(before, after).map(({ kind, text }) => `${{ same: ' ', gone: '-', new: '+' }[kind]}${text}`)

test('the comparison of equal texts shows only equal lines', () => {
  expect(shown('a\nb', 'a\nb')).toEqual([' a', ' b'])
})

test('a changed line appears as one that is gone and one that is new, between the equal lines', () => {
  expect(shown('a\nb\nc', 'a\nx\nc')).toEqual([' a', '-b', '+x', ' c'])
})

test('equal lines still count as equal when new lines came between them', () => {
  expect(shown('a\nb\nc', 'a\nx\nb\ny\nc')).toEqual([' a', '+x', ' b', '+y', ' c'])
})

test('a repeated line is not counted at the beginning and at the end at once', () => {
  expect(shown('a\na', 'a\na\na')).toEqual([' a', ' a', '+a'])
  expect(shown('a\na\na', 'a')).toEqual([' a', '-a', '-a'])
})

test('two very long texts are not compared line by line, so all lines count as gone or new', () => {
  // 1,200 times 1,200 are more pairs of lines than are compared.
  const many = (word: string) => Array.from({ length: 1_200 }, (_, n) => `${word}${n}`).join('\n')
  const lines = lineDiff(many('a'), many('b'))
  expect(lines.filter(({ kind }) => kind === 'gone')).toHaveLength(1_200)
  expect(lines.filter(({ kind }) => kind === 'new')).toHaveLength(1_200)
})

test('equal lines far from any change are folded into one entry with their count', () => {
  const lines = [...'abcdefgh'].join('\n')
  expect(foldEqualLines(lineDiff(lines, lines.replace('b', 'x')), 1)).toEqual([
    { kind: 'same', text: 'a' },
    { kind: 'gone', text: 'b' },
    { kind: 'new', text: 'x' },
    { kind: 'same', text: 'c' },
    { kind: 'folded', count: 5 },
  ])
})

test('lines that are added to an empty text, and the last one that is taken out, have no empty line beside them', () => {
  expect(shown('', 'a\nb')).toEqual(['+a', '+b'])
  expect(shown('a', '')).toEqual(['-a'])
})
