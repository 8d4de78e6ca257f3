import { expect, test } from 'vitest'
import type { Job } from '@/app/_trpc/types'
import { previewOf } from './bulk-preview'

const all = { jobs: new Map<string, Job>(), all: true }
const asked = {
  kind: 'delete',
  selection: all,
  statuses: ['COMPLETED'],
  within: undefined,
  total: undefined,
  failed: null,
  ownOnly: false,
  userId: 'u',
  uncountedToo: false,
} as const

test('a preview whose count failed says so in place of “Counting…”, and one with an earlier count shows that count', () => {
  expect(previewOf(asked).text).toBe('Counting…')
  const { text, none } = previewOf({ ...asked, failed: 'No connection.' })
  expect(text).toBe('They could not be counted: No connection.')
  expect(none).not.toBeNull()
  const counted = { count: 2, capped: false }
  expect(previewOf({ ...asked, within: counted, total: counted, failed: 'No connection.' })).toEqual({
    text: '2 jobs match, and all have ended and can be deleted.',
    none: null,
  })
})

test('an action that may be confirmed without a count is confirmed also when the count fails, and not while it counts', () => {
  const uncountedToo = true
  expect(previewOf({ ...asked, uncountedToo }).none).toBe('Counting how many they are.')
  expect(previewOf({ ...asked, uncountedToo, failed: 'No connection.' })).toEqual({
    text: 'They could not be counted: No connection.',
    none: null,
  })
})

test('the preview of ticked jobs counts only the jobs that the action can change', () => {
  const job = (id: string, status: Job['status']) => [id, { id, status } as Job] as const
  const selection = { jobs: new Map([job('a', 'COMPLETED'), job('b', 'RUNNING')]), all: false }
  expect(previewOf({ ...asked, selection }).text).toBe(
    '1 of them has ended and can be deleted, the others are skipped.',
  )
})
