import { expect, test } from 'vitest'
import { foldSame, lineDiff } from './line-diff'

const shown = (before: string, after: string) =>
  lineDiff(before, after).map(({ kind, text }) => `${{ same: ' ', gone: '-', new: '+' }[kind]}${text}`)

test('equal texts have no difference', () => {
  expect(shown('a\nb', 'a\nb')).toEqual([' a', ' b'])
})

test('a changed line is gone and new, and the lines around it stay', () => {
  expect(shown('a\nb\nc', 'a\nx\nc')).toEqual([' a', '-b', '+x', ' c'])
})

test('lines that moved apart by new ones between them stay', () => {
  expect(shown('a\nb\nc', 'a\nx\nb\ny\nc')).toEqual([' a', '+x', ' b', '+y', ' c'])
})

test('what is repeated is not taken for the head and the tail at once', () => {
  expect(shown('a\na', 'a\na\na')).toEqual([' a', ' a', '+a'])
  expect(shown('a\na\na', 'a')).toEqual([' a', '-a', '-a'])
})

test('texts of more lines than can be compared in no time are told as gone and new', () => {
  const many = (word: string) => Array.from({ length: 1_200 }, (_, n) => `${word}${n}`).join('\n')
  const lines = lineDiff(many('a'), many('b'))
  expect(lines.filter(({ kind }) => kind === 'gone')).toHaveLength(1_200)
  expect(lines.filter(({ kind }) => kind === 'new')).toHaveLength(1_200)
})

test('equal lines far from any change are folded into one that counts them', () => {
  const lines = [...'abcdefgh'].join('\n')
  expect(foldSame(lineDiff(lines, lines.replace('b', 'x')), 1)).toEqual([
    { kind: 'same', text: 'a' },
    { kind: 'gone', text: 'b' },
    { kind: 'new', text: 'x' },
    { kind: 'same', text: 'c' },
    { kind: 'folded', count: 5 },
  ])
})
