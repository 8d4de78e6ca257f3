import { expect, test } from 'vitest'
import { parentThatEnded } from './parent-ended'

const PARENT = '01a2299c-7a03-744c-8be4-f53f140511c5'

test('the error of a job whose parent died names the job that a person must look at', () => {
  const message = `It waited for job ${PARENT}, which is DEAD_LETTER`
  expect(parentThatEnded({ fingerprint: 'parent-ended', message })).toBe(PARENT)
})

test('an error of another cause names no such job, even where an id is in it', () => {
  expect(parentThatEnded({ fingerprint: '84819e4d77cfcd5f', message: `Order ${PARENT} is unknown` })).toBeNull()
})
