import { expect, it } from 'vitest'
import { sentenceOf } from './refusal-sentence'

it('a refusal is told without the name of its field', () => {
  expect(sentenceOf('changes.cron: "x" cannot be read. Give five fields.')).toBe(
    '"x" cannot be read. Give five fields.',
  )
})
