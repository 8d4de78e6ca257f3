import { describe, expect, test } from 'vitest'
import type { Job } from '@/app/_trpc/types'
import { asOpened, changedMeanwhile, isFieldOfChange, refusedChange } from './job-changes'

const opened = {
  priority: 'NORMAL',
  runAt: '2030-01-01T00:00:00.000Z',
  nextRetryAt: null,
  maxRetries: 3,
  timeoutSeconds: 300,
  parameters: { order: 4711 },
} as Job
const before = asOpened(opened)

describe('a person who changes a job that changes meanwhile', () => {
  test('who changes a job is told of the field that somebody else changed, too, with the value that it has now', () => {
    const job: Job = { ...opened, priority: 'CRITICAL', timeoutSeconds: 7200 }
    expect(changedMeanwhile(before, job, { priority: 'LOW' })).toEqual(['the priority (now Critical)'])
    expect(changedMeanwhile(before, job, { priority: 'LOW', timeoutSeconds: 60 })).toEqual([
      'the priority (now Critical)',
      'the timeout (now 7,200 s)',
    ])
  })

  test('who changes a job is told of new parameters, and of the time of a retry that was planned meanwhile', () => {
    const job: Job = { ...opened, parameters: { order: 4712 }, nextRetryAt: '2030-01-01T01:00:00.000Z' }
    expect(changedMeanwhile(before, job, { parameters: {} })).toEqual(['the parameters'])
    expect(changedMeanwhile(before, job, { runAt: '2031-01-01T00:00:00.000Z' })).toEqual([
      expect.stringMatching(/^the time \(now .+\)$/),
    ])
  })

  test('who changes a job hears nothing of fields that they leave as they are, nor of a job that stayed the same', () => {
    const job: Job = { ...opened, priority: 'CRITICAL', parameters: { order: 4712 } }
    expect(changedMeanwhile(before, job, { maxRetries: 5 })).toEqual([])
    expect(changedMeanwhile(before, opened, { priority: 'LOW', parameters: {} })).toEqual([])
  })
})

test('the dialog has fields for the options and the parameters of a change, and a request for one has none for parameters', () => {
  const paths = ['changes.maxRetries', 'changes.parameters', 'changes.parameters["due date"]', 'jobIds', 'reason']
  const shown = (parameters: boolean) => paths.filter((path) => isFieldOfChange(path, { parameters }))
  expect(shown(true)).toEqual(['changes.maxRetries', 'changes.parameters', 'changes.parameters["due date"]'])
  expect(shown(false)).toEqual(['changes.maxRetries'])
})

test('what the server refuses of a change stands at its option, or at the whole path of its parameter, as a sentence', () => {
  const refused = refusedChange([
    { path: 'changes.maxRetries', message: 'must be at most 100' },
    { path: 'changes.parameters["due date"]', message: 'must be a number' },
    { path: 'changes.parameters.order.id', message: 'is missing' },
    { path: 'changes.parameters', message: 'must be an object' },
  ])
  expect(refused).toEqual({
    options: { maxRetries: 'Must be at most 100.' },
    parameters: { '["due date"]': 'Must be a number.', 'order.id': 'Is missing.', parameters: 'Must be an object.' },
  })
})
