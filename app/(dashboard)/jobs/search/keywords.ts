import { PRIORITIES, STATUSES } from '@/app/_components/job-status'
import { codeOfWord, CODES, reasonWord } from '@/app/_components/waiting/words'
import { JOB_TYPE_NAME } from '@/server/engine/domain/name-forms'
import { isUuid } from '@/server/engine/domain/uuid'
import type { Question } from '../filters'
import { momentOf, secondsOf } from './moments'
import { partsOf, unquoted } from './words'
import { isKey, slugOf, type Key } from './write'

/** A condition that has a keyword, such as `status:`. */
export interface Keyword {
  /** What the condition is for, in a few words. */
  hint: string
  /** Adds a value to the question. Returns a message where something is wrong with it. */
  read: (value: string, question: Question) => string | undefined
}

/**
 * A condition with one or more names from a fixed list. The beginning of a name is enough where it has three letters
 * and no other name begins with it.
 */
function choice<Name extends string>(
  what: string,
  names: readonly Name[],
  of: (question: Question) => Name[],
): Pick<Keyword, 'read'> {
  return {
    read(value, question) {
      for (const part of partsOf(value)) {
        const slug = slugOf((unquoted(part) ?? part).trim().replaceAll(' ', '-'))
        const found =
          names.find((name) => slugOf(name) === slug) ??
          onlyOneOf(names.filter((name) => slug.length > 2 && slugOf(name).startsWith(slug)))
        if (!found) return `“${part}” is no ${what}. Choose of ${names.map(slugOf).join(', ')}.`
        if (!of(question).includes(found)) of(question).push(found)
      }
      return undefined
    },
  }
}

const onlyOneOf = <T>(list: T[]): T | undefined => (list.length === 1 ? list[0] : undefined)

/** A condition on a time: a span up to now, or moments before or after which something happened. */
function time(
  what: string,
  names: {
    since: 'since' | 'endedSince' | 'failedSince'
    after: 'after' | 'endedAfter' | 'failedAfter'
    before: 'before' | 'endedBefore' | 'failedBefore'
  },
): Pick<Keyword, 'read'> {
  return {
    read(value, question) {
      const side = /^[<>]/.exec(value)?.[0]
      const text = side ? value.slice(1) : value
      const moment = side ? momentOf(text) : null
      if (!side && secondsOf(text) !== null) question[names.since] = text
      else if (moment) question[side === '>' ? names.after : names.before] = moment
      else
        return `Write ${what}:24h for the last 24 hours, or ${what}:>2026-01-31T08:00 and ${what}:<2026-02-01 for moments.`
      return question[names.since] && question[names.after]
        ? `Take one of ${what}:${question[names.since]} and ${what}:>…: both say when it begins.`
        : undefined
    },
  }
}

/** A condition for the jobs that belong to one thing, given by its whole id. */
const byId = (name: 'rerunOf' | 'schedule' | 'bulk' | 'request', hint: string): Keyword => ({
  hint,
  read(value, question) {
    if (!isUuid(value)) return `“${value}” is no whole id. Copy it from where it is shown.`
    question[name] = value.toLowerCase()
    return undefined
  },
})

/** The beginning of names of job types, with a star. */
const BEGINNING = /^[a-z0-9._-]{1,100}\*$/

export const KEYWORDS: Record<Key, Keyword> = {
  status: { hint: 'State of the job', ...choice('status', STATUSES, ({ status }) => status) },
  type: {
    hint: 'Job type, or report.* for all that begin so',
    read(value, question) {
      for (const name of partsOf(value)) {
        if (!JOB_TYPE_NAME.test(name) && !BEGINNING.test(name))
          return `“${name}” is no name of a job type. Write it as in type:report.monthly, or type:report.* for all that begin so.`
        if (!question.type.includes(name)) question.type.push(name)
      }
      return question.type.length > 1 && question.type.some((name) => name.endsWith('*'))
        ? 'A beginning such as report.* stands alone. Leave the other job types out, or name each.'
        : undefined
    },
  },
  priority: { hint: 'Priority', ...choice('priority', PRIORITIES, ({ priority }) => priority) },
  title: {
    hint: 'Words of the title',
    read(value, question) {
      const words = unquoted(value)?.trim().replace(/\s+/g, ' ')
      if (words === undefined) return 'Quotation marks stand around all words, as in title:"late payout".'
      question.title = question.title ? `${question.title} ${words}` : words
      return question.title.length < 2 || question.title.length > 200
        ? 'Words of a title have 2 to 200 characters.'
        : undefined
    },
  },
  waiting: {
    hint: 'Waits for longer than, as in >1h',
    read(value, question) {
      const span = value.replace(/^>/, '')
      if (secondsOf(span) === null) return 'Write how long it waits at least, as in waiting:>1h, >30m or >2d.'
      question.waiting = span
      return undefined
    },
  },
  why: {
    hint: 'Why it waits',
    read(value, question) {
      for (const word of partsOf(value)) {
        const code = codeOfWord(word)
        if (!code) return `“${word}” is no reason to wait. Choose of ${CODES.map(reasonWord).join(', ')}.`
        if (!question.waitingFor.includes(code)) question.waitingFor.push(code)
      }
      return undefined
    },
  },
  created: {
    hint: 'Submitted within 24h, or >2026-01-31',
    ...time('created', { since: 'since', after: 'after', before: 'before' }),
  },
  ended: {
    hint: 'Ended within 24h, or >2026-01-31',
    ...time('ended', { since: 'endedSince', after: 'endedAfter', before: 'endedBefore' }),
  },
  failed: {
    hint: 'An attempt failed within 24h, or >2026-01-31',
    ...time('failed', { since: 'failedSince', after: 'failedAfter', before: 'failedBefore' }),
  },
  by: {
    hint: 'Submitted by me, or by the id of somebody',
    read(value, question) {
      if (value === 'me') question.mine = true
      else if (isUuid(value)) question.by = value.toLowerCase()
      else return 'Write by:me, or by: and the id of a user or key.'
      return question.mine && question.by ? 'Take one of by:me and the id: a job has one submitter.' : undefined
    },
  },
  cause: {
    hint: 'Fingerprint of an error',
    read(value, question) {
      const fingerprint = unquoted(value)
      if (!fingerprint || fingerprint.length > 100)
        return 'A cause is the fingerprint of an error, at most 100 characters.'
      question.cause = fingerprint
      return undefined
    },
  },
  'rerun-of': byId('rerunOf', 'Repeats the job with this id'),
  schedule: byId('schedule', 'Submitted by the schedule with this id'),
  bulk: byId('bulk', 'Changed by the bulk action with this id'),
  request: byId('request', 'Asked for by the request with this id'),
}

/** True where the key is a keyword, or so similar to one that it counts as a typing mistake. */
export const isReserved = (key: string) => isKey(key.toLowerCase()) || slipOf(key) !== undefined

/**
 * The keyword that was probably meant. One letter may be wrong, missing or too much, or two may have changed places.
 * Only keywords of five letters or more are guessed: a short word that is similar to `type` or `why` is more likely the
 * name of a parameter.
 */
export function slipOf(key: string): string | undefined {
  if (key.length < 4) return undefined
  return Object.keys(KEYWORDS).find((word) => word.length > 4 && isOneSlip(key.toLowerCase(), word))
}

function isOneSlip(a: string, b: string): boolean {
  if (a === b || Math.abs(a.length - b.length) > 1) return false
  let at = 0
  while (a[at] === b[at]) at++
  const [left, right] = [a.slice(at), b.slice(at)]
  // A wrong letter, one too much, one missing, or two that have changed places.
  return (
    left.slice(1) === right.slice(1) ||
    left.slice(1) === right ||
    left === right.slice(1) ||
    (left[0] === right[1] && left[1] === right[0] && left.slice(2) === right.slice(2))
  )
}
