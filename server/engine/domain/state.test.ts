import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { JobStatus } from '@/server/generated/prisma/enums'
import {
  AMENDABLE_STATUSES,
  canTransition,
  FINAL_STATUSES,
  isAmendable,
  isFinal,
  isRetryable,
  isUnfinished,
  JOB_STATUSES,
  RETRYABLE_STATUSES,
  TRANSITIONS,
  UNFINISHED_STATUSES,
  WAITING_STATUSES,
} from './state'
import { stateMachineMarkdown } from './state-diagram'

// Rule 3 is written out a second time here on purpose, so that the table cannot change by accident.
const LISTED = [
  ...['PENDING>QUEUED', 'PENDING>CANCELED', 'PENDING>DEAD_LETTER'],
  ...['QUEUED>RUNNING', 'QUEUED>PENDING', 'QUEUED>CANCELED', 'QUEUED>DEAD_LETTER'],
  ...[
    'RUNNING>COMPLETED',
    'RUNNING>FAILED',
    'RUNNING>TIMED_OUT',
    'RUNNING>CANCELED',
    'RUNNING>DEAD_LETTER',
    'RUNNING>PENDING',
  ],
  ...['FAILED>QUEUED', 'FAILED>PENDING', 'FAILED>CANCELED', 'FAILED>DEAD_LETTER'],
  ...['TIMED_OUT>QUEUED', 'TIMED_OUT>PENDING', 'TIMED_OUT>CANCELED', 'TIMED_OUT>DEAD_LETTER'],
  ...['DEAD_LETTER>PENDING', 'CANCELED>PENDING'],
]

describe('the state machine', () => {
  it('the state machine knows every status of the database', () => {
    expect([...JOB_STATUSES].sort()).toEqual(Object.values(JobStatus).sort())
  })

  const pairs = JOB_STATUSES.flatMap((from) => JOB_STATUSES.map((to) => [from, to] as const))
  it.each(pairs)('the state machine has %s to %s as rule 3 lists it', (from, to) => {
    expect(canTransition(from, to)).toBe(LISTED.includes(`${from}>${to}`))
  })

  it('no transition leaves COMPLETED, and none leads from a status to itself', () => {
    expect(TRANSITIONS.COMPLETED).toEqual([])
    for (const status of JOB_STATUSES) expect(canTransition(status, status)).toBe(false)
  })

  it('every status can be reached from PENDING, and an end from each unfinished status', () => {
    const reach = (from: JobStatus): Set<JobStatus> => {
      const seen = new Set<JobStatus>([from])
      for (const status of seen) for (const next of TRANSITIONS[status]) seen.add(next)
      return seen
    }
    expect([...reach('PENDING')].sort()).toEqual([...JOB_STATUSES].sort())
    for (const status of UNFINISHED_STATUSES) expect(reach(status)).toContain('COMPLETED')
  })

  it('every status is either final or unfinished', () => {
    expect([...FINAL_STATUSES, ...UNFINISHED_STATUSES].sort()).toEqual([...JOB_STATUSES].sort())
    for (const status of JOB_STATUSES) expect(isFinal(status)).toBe(!isUnfinished(status))
  })

  it('exactly the unfinished statuses can be canceled, and exactly those that a person may set back to PENDING can be retried', () => {
    for (const status of JOB_STATUSES) {
      expect(isUnfinished(status)).toBe(canTransition(status, 'CANCELED'))
      const back = canTransition(status, 'PENDING') && status !== 'QUEUED' && status !== 'RUNNING'
      expect(isRetryable(status)).toBe(back)
    }
    expect(RETRYABLE_STATUSES).not.toContain('COMPLETED')
  })

  it('a job can be changed in exactly the statuses in which it waits and has no message in the queue', () => {
    expect(JOB_STATUSES.filter(isAmendable)).toEqual([...AMENDABLE_STATUSES])
    expect([...AMENDABLE_STATUSES, 'QUEUED'].sort()).toEqual([...WAITING_STATUSES].sort())
  })

  it('a job waits in every unfinished status but RUNNING', () => {
    expect([...WAITING_STATUSES, 'RUNNING'].sort()).toEqual([...UNFINISHED_STATUSES].sort())
  })
})

describe('docs/state-machine.md', () => {
  const file = new URL('../../../docs/state-machine.md', import.meta.url)

  it('docs/state-machine.md is what the table gives (UPDATE_DOCS=1 writes it)', () => {
    if (process.env.UPDATE_DOCS) writeFileSync(file, stateMachineMarkdown())
    expect(readFileSync(file, 'utf8')).toBe(stateMachineMarkdown())
  })

  it('the diagram in docs/state-machine.md shows every transition once', () => {
    const arrows = [...stateMachineMarkdown().matchAll(/^ {2}([A-Z_]+) --> ([A-Z_]+)\b/gm)].map(
      (match) => `${match[1]}>${match[2]}`,
    )
    expect(arrows.sort()).toEqual([...LISTED].sort())
  })
})
