import { Prisma } from '@/server/db'
import type { AttemptError, OutcomeKind, OutcomeOf } from '../../../domain/outcome'
import { wordsOf } from '../../../domain/search-words'
import { freeHashes, keepHashesForWindow } from '../../../store/admission/dedupe'
import { COMES_BACK, rankAt } from '../../../store/rank'
import { keepErrorWords, keepMessageWords } from '../../../store/reads/search'
import type { Transition } from '../../../store/transition'
import {
  closeAttempts,
  diedCondemned,
  errorOfJob,
  keepArtifacts,
  keepResults,
  noError,
  released,
  withError,
} from './pieces'

type Sql = Prisma.Sql
const { sql } = Prisma

/** What is written for one way to end an attempt, as pieces of a transition from RUNNING. */
export interface EndPlan extends Pick<Transition, 'to' | 'set' | 'message' | 'returning' | 'also'> {
  /**
   * What happens to jobs that wait for this one to complete: they may go on, they die, or nothing changes for them. Jobs
   * that wait for its end, whatever it is, may go on in the first two cases.
   */
  dependents: 'go on' | 'die' | null
}

/** How one kind of outcome is written. */
export interface OutcomePlan<Kind extends OutcomeKind> extends EndPlan {
  /** The columns of `s` besides job_id and attempt: names and types. */
  columns: Sql
  /** The values of these columns for one outcome. */
  row: (outcome: OutcomeOf<Kind>) => Record<string, unknown>
}

/** When a failed job is tried again. */
const retryAt = sql`clock_timestamp() + s.retry_in * interval '1 second'`

/** A failure that is followed by a retry. */
const untilRetry = {
  set: sql`failures = j.failures + 1, next_retry_at = ${retryAt},
    rank_at = ${rankAt(retryAt, sql`j.priority`)}, ${COMES_BACK}, ${errorOfJob}, ${released}`,
  message: sql`s.error_message`,
  returning: sql`s.outcome, ${withError}`,
  also: [closeAttempts, keepErrorWords],
  dependents: null,
}

const errorColumns = sql`error_message text, error_class "ErrorClass", error_fingerprint text, error_stack text,
  error_words text, retry_in float8, outcome text`

const errorRow = (error: AttemptError, outcome: 'FAILED' | 'TIMED_OUT', retryInSeconds: number | null) => ({
  error_message: error.message,
  error_class: error.class,
  error_fingerprint: error.fingerprint,
  error_stack: error.stack,
  error_words: wordsOf([error.message]).join(' '),
  retry_in: retryInSeconds,
  outcome,
})

/**
 * Every kind of outcome. Whatever writes outcomes walks this table, in this order: a kind that is missing here does
 * not compile. The key is part of the prepared statement's name.
 */
export const OUTCOME_PLANS: { [Kind in OutcomeKind]: OutcomePlan<Kind> } = {
  complete: {
    to: 'COMPLETED',
    columns: sql`result jsonb, has_result boolean, dedupe_window int, artifacts jsonb`,
    row: ({ result, dedupeWindowSeconds, artifacts }) => ({
      result,
      has_result: result !== undefined,
      dedupe_window: dedupeWindowSeconds,
      artifacts:
        artifacts.length === 0
          ? null
          : artifacts.map((a) => ({ ...a, content_type: a.contentType, storage_key: a.storageKey })),
    }),
    set: sql`progress = 100, finished_at = clock_timestamp(), ${released}`,
    returning: sql`j.job_type, j.dedupe_hash, s.dedupe_window, 'COMPLETED'::text AS outcome, ${noError}`,
    also: [closeAttempts, keepHashesForWindow, keepResults, keepArtifacts],
    dependents: 'go on',
  },
  fail: {
    to: 'FAILED',
    columns: errorColumns,
    row: ({ error, retryInSeconds }) => errorRow(error, 'FAILED', retryInSeconds),
    ...untilRetry,
  },
  timeOut: {
    to: 'TIMED_OUT',
    columns: errorColumns,
    row: ({ error, retryInSeconds }) => errorRow(error, 'TIMED_OUT', retryInSeconds),
    ...untilRetry,
  },
  dead: {
    to: 'DEAD_LETTER',
    columns: errorColumns,
    row: ({ error, byTimeout }) => errorRow(error, byTimeout ? 'TIMED_OUT' : 'FAILED', null),
    set: sql`failures = j.failures + 1, finished_at = clock_timestamp(), ${errorOfJob}, ${released}`,
    message: sql`s.error_message`,
    returning: sql`j.job_type, j.dedupe_hash, s.outcome, ${withError}`,
    also: [closeAttempts, freeHashes, keepErrorWords],
    dependents: 'die',
  },
  handBack: {
    to: 'PENDING',
    columns: sql`message text`,
    row: ({ message }) => ({ message }),
    set: sql`queued_at = NULL, progress = 0, progress_message = NULL, ${COMES_BACK}, ${released}`,
    message: sql`s.message`,
    returning: sql`'HANDED_BACK'::text AS outcome, ${noError}`,
    also: [closeAttempts],
    dependents: null,
  },
}

/** An end that was decided before the attempt reported. It wins, whatever the attempt reports. */
export interface DecidedPlan extends EndPlan {
  /** The beginning of the prepared statement's name. The kind of lock follows. */
  name: string
  /** Condition: this end was decided for the job `j`. */
  decided: Sql
}

/** A cancel that was asked wins over the deletion of the organization, and over everything else. */
export const DECIDED_PLANS: Record<'canceled' | 'condemned', DecidedPlan> = {
  canceled: {
    name: 'cancel_running',
    decided: sql`j.cancel_requested_at IS NOT NULL`,
    to: 'CANCELED',
    set: sql`canceled_at = clock_timestamp(), finished_at = clock_timestamp(), ${released}`,
    message: sql`j.cancel_reason`,
    returning: sql`j.job_type, j.dedupe_hash, 'CANCELED'::text AS outcome, ${noError}`,
    also: [closeAttempts, freeHashes],
    dependents: 'die',
  },
  // The organization was deleted while the job ran.
  condemned: {
    name: 'condemn',
    decided: sql`j.condemned IS NOT NULL AND j.cancel_requested_at IS NULL`,
    to: 'DEAD_LETTER',
    set: sql`${diedCondemned}, ${released}`,
    message: sql`j.error_message`,
    // The job dies, but the attempt counts as CANCELED: it was stopped and did not fail by itself.
    returning: sql`j.job_type, j.dedupe_hash, 'CANCELED'::text AS outcome, ${noError}`,
    also: [closeAttempts, freeHashes, keepMessageWords],
    dependents: 'die',
  },
}
