import { expect, test } from 'vitest'
import { firstEndWords, parentsThatEnded, parentThatEnded } from './parent-ended'

const PARENT = '01a2299c-7a03-744c-8be4-f53f140511c5'

test('the error of a job whose parent died names the job that a person must look at', () => {
  const message = `It waited for job ${PARENT}, which is DEAD_LETTER`
  expect(parentThatEnded({ fingerprint: 'parent-ended', message })).toBe(PARENT)
})

test('jobs that died of different jobs name each of these once, in the order of the list', () => {
  const [first, other] = [PARENT, '01a2299c-7a03-744c-8be4-ffffffffffff']
  const died = (id: string) => ({
    fingerprint: 'parent-ended',
    message: `It waited for job ${id}, which is DEAD_LETTER`,
  })
  const errors = [died(other), died(first), null, died(other), { fingerprint: 'f', message: `Order ${PARENT}` }]
  expect(parentsThatEnded(errors)).toEqual([other, first])
})

test('an error of another cause names no such job, even where an id is in it', () => {
  expect(parentThatEnded({ fingerprint: '84819e4d77cfcd5f', message: `Order ${PARENT} is unknown` })).toBeNull()
})

test('the link to the job that ended first says whether it died, was canceled, or is on its way again', () => {
  const message = `It waited for job ${PARENT}, which is CANCELED`
  expect(firstEndWords(undefined, message)).toBe('What was canceled')
  expect(firstEndWords('DEAD_LETTER', message)).toBe('What died first')
  expect(firstEndWords('RUNNING', message)).toBe('What they waited for')
})
