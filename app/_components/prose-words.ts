import { UUID_FORM } from '@/server/engine/domain/uuid'
import type { WaitingCode } from '@/server/engine/domain/waiting-codes'
import { STATUS_META } from './job-status'
import { formatNear, formatRelative, isFar } from './time'

// Sentences of the engine as people read them. Nothing here reads the clock. Callers pass `now`.

const STATUS = new RegExp(`\\b(${Object.keys(STATUS_META).join('|')})\\b`, 'g')
const ID = new RegExp(`(?<!")\\b${UUID_FORM}\\b`, 'g')

const wordOf = (status: keyof typeof STATUS_META) =>
  // "a job which is dead letter" is no English.
  status === 'DEAD_LETTER' ? 'dead' : STATUS_META[status].label.toLowerCase()

/** Names of statuses become words: "which is DEAD_LETTER" becomes "which is dead". */
export const statusWords = (sentence: string): string =>
  sentence.replace(STATUS, (name) => wordOf(name as keyof typeof STATUS_META))

/**
 * Names of statuses become words, and ids of jobs become as short as lists show them. For a line that has no room for
 * links. An id between quotation marks is part of something to copy, and stays whole.
 */
export const shortProse = (sentence: string): string => statusWords(sentence).replace(ID, (id) => id.slice(-8))

const OF_OTHER_JOB = new RegExp(
  `^(?:It waited for job (?:${UUID_FORM}|‹id›), which (?:is [A-Z_]+|did not complete)|Revived with job ${UUID_FORM})$`,
)

/**
 * True for an error or a message of the engine that names another job. Other errors may be a handler's, and other
 * messages a person's. They are shown as they are: an id in them may belong to a customer.
 */
export const namesOtherJob = (text: string): boolean => OF_OTHER_JOB.test(text)

/** The message of an error, for a line that has no room for links. */
export const errorWords = (message: string): string => (namesOtherJob(message) ? shortProse(message) : message)

/** The reasons whose sentences may hold statuses or ids, but neither the words of a person nor those of a handler. */
const OWN_WORDS: readonly WaitingCode[] = ['WAITING_FOR_PARENTS', 'ORGANIZATION_DELETED', 'CIRCUIT_OPEN']

/** Why a job waits, for a line that has no room for links. */
export const waitingWords = ({ code, message }: { code: WaitingCode; message: string }, now: number): string =>
  localTimes(OWN_WORDS.includes(code) ? shortProse(message) : message, now)

/** The words of a person, and the error of a handler in the sentence about a retry. */
const QUOTED = /(\(“.*”\)|“[^”]*”|^Its last attempt (?:failed|timed out) \(.*\)(?=\. Retry ))/s
const TIME = /(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}(?::\d{2})?) UTC(?:, in \d+ (?:d|h|min|s)(?: \d+ (?:h|min|s))?\b)?/g
/** After these words comes a time that has passed, also where the reader's clock is behind. */
const PASSED = /(?:since|handed to the queue at) $/

/**
 * The server writes times in UTC, since it does not know where the reader is: "2026-01-31 02:39 UTC" becomes "02:39 (in
 * 14m)". The server may add how far away the time was when it wrote the sentence: "…, in 13 min 14 s". That figure is
 * removed, because it is out of date and a current one is added here. What somebody else wrote is not changed.
 */
export const localTimes = (sentence: string, now: number): string =>
  sentence
    .split(QUOTED)
    .map((part, i) => (i % 2 === 1 ? part : withLocalTimes(part, now)))
    .join('')

const withLocalTimes = (text: string, now: number): string =>
  text.replace(TIME, (_, day: string, clock: string, place: number) => {
    const at = Date.parse(`${day}T${clock}Z`)
    const shown = formatNear(at, now)
    const isAhead = at > now && !PASSED.test(text.slice(0, place))
    return isAhead && !isFar(at, now) ? `${shown} (${formatRelative(at, now)})` : shown
  })
