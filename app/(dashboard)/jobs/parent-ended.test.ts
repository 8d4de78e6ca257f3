import { expect, test } from 'vitest'
import { firstEndWords, parentThatEnded } from './parent-ended'

const PARENT = '01a2299c-7a03-744c-8be4-f53f140511c5'

test('the error of a job whose parent died names the job that a person must look at', () => {
  const message = `It waited for job ${PARENT}, which is DEAD_LETTER`
  expect(parentThatEnded({ fingerprint: 'parent-ended', message })).toBe(PARENT)
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
