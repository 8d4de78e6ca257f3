import { expect, test } from 'vitest'
import { holdsOf, type HoldAct } from './job-holds'
import { systemActor } from './types'

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute))
const act = (minute: number, action: string, targetType: string): HoldAct => ({
  at: at(minute),
  action,
  targetType,
  by: systemActor('somebody'),
  reason: null,
})
const minutes = (acts: HoldAct[], from = 0, to: number | null = null) =>
  holdsOf(acts, { from: at(from), to: to === null ? null : at(to) }).map((hold) => [
    hold.target,
    hold.from.getUTCMinutes(),
    hold.to?.getUTCMinutes() ?? null,
  ])

test('a pause lasts until its end, and one that nobody ended still goes on', () => {
  const acts = [
    act(1, 'control.pause', 'jobType'),
    act(5, 'control.resume', 'jobType'),
    act(7, 'circuit.open', 'circuit'),
  ]
  expect(minutes(acts)).toEqual([
    ['jobType', 1, 5],
    ['circuit', 7, null],
  ])
})

test('a pause that ended before the job was submitted did not hold it, and one that began after its end did not either', () => {
  const acts = [
    act(1, 'control.pause', 'platform'),
    act(2, 'control.resume', 'platform'),
    act(30, 'control.pause', 'platform'),
  ]
  expect(minutes(acts, 10, 20)).toEqual([])
  expect(minutes(acts, 10)).toEqual([['platform', 30, null]])
})

test('a pause that outlasted the job has the end that it had, also where others began and ended after the job', () => {
  const acts = [
    act(1, 'control.pause', 'platform'),
    act(3, 'circuit.open', 'circuit'),
    // The first pause ends after the job. The store reads no act that begins a hold after the job's end, so what the last
    // act ended is not here.
    act(30, 'control.resume', 'platform'),
    act(31, 'control.resume', 'organization'),
  ]
  expect(minutes(acts, 2, 5)).toEqual([
    ['platform', 1, 30],
    ['circuit', 3, null],
  ])
})

test('a pause that is given another reason is told as two, the second from then until it is resumed', () => {
  const acts = [
    act(1, 'control.pause', 'organization'),
    act(2, 'control.pause', 'organization'),
    act(9, 'control.resume', 'organization'),
  ]
  expect(minutes(acts)).toEqual([
    ['organization', 1, 2],
    ['organization', 2, 9],
  ])
  // A job that was submitted after the second reason was given has waited for that one alone.
  expect(minutes(acts, 3)).toEqual([['organization', 2, 9]])
})

test('the end of a suspension does not end a pause of the same organization', () => {
  const acts = [
    act(1, 'control.pause', 'organization'),
    act(2, 'organization.suspend', 'organization'),
    act(4, 'organization.resume', 'organization'),
  ]
  expect(minutes(acts)).toEqual([
    ['organization', 1, null],
    ['organization', 2, 4],
  ])
})

test('whoever reads a job reads why it was paused, and why its organization was suspended', () => {
  const reasons = holdsOf(
    [
      { ...act(1, 'control.pause', 'platform'), reason: 'The ledger' },
      { ...act(2, 'organization.suspend', 'organization'), reason: 'They have not paid' },
    ],
    { from: at(0), to: null },
  ).map(({ reason }) => reason)
  expect(reasons).toEqual(['The ledger', 'They have not paid'])
})
