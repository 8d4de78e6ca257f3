import { expect, test } from 'vitest'
import { proseParts } from './prose-parts'

const ID = '019abcde-0000-7000-8000-0123456789ab'

test('an id in a sentence of the engine becomes a part of its own, and a status becomes a plain word', () => {
  expect(proseParts(`It waited for job ${ID}, which is DEAD_LETTER`)).toEqual([
    { text: 'It waited for job ' },
    { jobId: ID },
    { text: ', which is dead letter' },
  ])
  expect(proseParts(ID)).toEqual([{ jobId: ID }])
})

test('words that only look like a status or an id stay as they are', () => {
  expect(proseParts('FAILED_HARD, not TIMED_OUT; deadbeef')).toEqual([{ text: 'FAILED_HARD, not timed out; deadbeef' }])
})
