import { z } from 'zod'
import { POOL_NAME } from '../name-forms'
import { jobTypeName } from '../scalars'
import { CONDITION_BOUNDS as bounds } from './bounds'

// What an alert rule looks for (rule 4.50). The API checks its input with these schemas. The form of the dashboard does
// not load them: it has its limits from bounds.ts.

/** Seconds between two looks at the same rule. */
export const LOOK_SECONDS = 30

const jobType = jobTypeName
  .optional()
  .describe('Only jobs of this type. Absent: jobs of every type. Each type is judged by itself.')
const pool = z
  .string()
  .regex(POOL_NAME, 'must be the name of a worker pool')
  .optional()
  .describe('Only this worker pool. Absent: every pool that a job type names.')

/** The condition of a rule, told apart by `kind`. */
export const alertCondition = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('NEW_CAUSE'), jobType }),
  z.strictObject({
    kind: z.literal('FAILURE_RATE'),
    jobType,
    percent: z
      .number()
      .min(bounds.percent[0])
      .max(bounds.percent[1])
      .describe('It fires where more than this percentage of the attempts of one job type failed.'),
    minutes: z
      .int()
      .min(bounds.minutes[0])
      .max(bounds.minutes[1])
      .describe('The attempts that ended within this many minutes count.'),
    atLeast: z
      .int()
      .min(bounds.atLeast[0])
      .max(bounds.atLeast[1])
      .default(10)
      .describe('With fewer attempts than this it never fires.'),
  }),
  z.strictObject({
    kind: z.literal('OLDEST_WAITING'),
    jobType,
    seconds: z
      .int()
      .min(bounds.seconds[0])
      .max(bounds.seconds[1])
      .describe('It fires when a job could have started more than this many seconds ago and still waits.'),
  }),
  z.strictObject({ kind: z.literal('CIRCUIT_OPENED'), jobType }),
  z.strictObject({ kind: z.literal('NO_WORKER'), pool }),
  z.strictObject({ kind: z.literal('SCHEDULE_MISSED') }),
  z.strictObject({ kind: z.literal('JOB_STUCK'), jobType }),
])
export type AlertCondition = z.output<typeof alertCondition>
export type AlertKind = AlertCondition['kind']

const ofType = (jobType: string | undefined, all: string) => (jobType === undefined ? all : `of ${jobType}`)

/** A length of time in words: "90 s", "5 min", "2 h". */
export function duration(seconds: number): string {
  if (seconds >= 7_200 && seconds % 3_600 === 0) return `${seconds / 3_600} h`
  if (seconds >= 120 && seconds % 60 === 0) return `${seconds / 60} min`
  return `${seconds} s`
}

/** A measured time, rounded as people say it: "45 s", "5 min", "3 h". */
export const about = (seconds: number): string =>
  seconds < 120
    ? `${Math.round(seconds)} s`
    : seconds < 7_200
      ? `${Math.round(seconds / 60)} min`
      : `${Math.round(seconds / 3_600)} h`

/** A condition in words, as a rule's row says it. */
export function conditionText(condition: AlertCondition): string {
  switch (condition.kind) {
    case 'NEW_CAUSE':
      return `A job ${ofType(condition.jobType, 'of any type')} is dead for a cause that is new`
    case 'FAILURE_RATE':
      return `Over ${condition.percent} % of the attempts ${ofType(condition.jobType, 'of a type')} failed within ${duration(condition.minutes * 60)}, and there were at least ${condition.atLeast}`
    case 'OLDEST_WAITING':
      return `A job ${ofType(condition.jobType, 'of any type')} waits for over ${duration(condition.seconds)}`
    case 'CIRCUIT_OPENED':
      return `The circuit ${ofType(condition.jobType, 'of a type')} is open`
    case 'NO_WORKER':
      return condition.pool === undefined ? 'A worker pool has no worker' : `The pool ${condition.pool} has no worker`
    case 'SCHEDULE_MISSED':
      return 'A schedule missed a run'
    case 'JOB_STUCK':
      return `A job ${ofType(condition.jobType, 'of any type')} looks stuck`
  }
}
