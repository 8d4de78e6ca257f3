import { expect, test } from 'vitest'
import { proseParts } from './prose-parts'

const ID = '019abcde-0000-7000-8000-0123456789ab'

test('an id in a sentence of the engine becomes a part of its own, and a status becomes a plain word', () => {
  expect(proseParts(`It waited for job ${ID}, which is DEAD_LETTER`)).toEqual([
    { text: 'It waited for job ' },
    { jobId: ID },
    { text: ', which is dead' },
  ])
  expect(proseParts(`Revived with job ${ID}`)).toEqual([{ text: 'Revived with job ' }, { jobId: ID }])
})

test('what a handler or a person wrote is shown as it is, also where it holds an id or the name of a status', () => {
  for (const text of [`customer ${ID} is PENDING`, `Retried: ${ID} was FAILED by mistake`, ID])
    expect(proseParts(text)).toEqual([{ text }])
})
