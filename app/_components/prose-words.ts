import { UUID_FORM } from '@/server/engine/domain/uuid'
import { STATUS_META } from './job-status'
import { formatRelative } from './time'

/** Sentences of the engine as people read them. Pure: `now` comes in. */

const STATUS = new RegExp(`\\b(${Object.keys(STATUS_META).join('|')})\\b`, 'g')
const ID = new RegExp(`\\b${UUID_FORM}\\b`, 'g')

const wordOf = (status: keyof typeof STATUS_META) =>
  // "a job which is dead letter" is no English.
  status === 'DEAD_LETTER' ? 'dead' : STATUS_META[status].label.toLowerCase()

/** Names of statuses become words: "which is DEAD_LETTER" becomes "which is dead". */
export const statusWords = (sentence: string): string =>
  sentence.replace(STATUS, (name) => wordOf(name as keyof typeof STATUS_META))

/** The same, and ids of jobs become as short as lists show them. For a line that has no room for links. */
export const shortProse = (sentence: string): string => statusWords(sentence).replace(ID, (id) => id.slice(-8))

const TIME = /(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}(?::\d{2})?) UTC(?:, in \d+ (?:d|h|min|s)(?: \d+ (?:h|min|s))?\b)?/g
const time = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
const dayAndTime = new Intl.DateTimeFormat('en', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
})

/**
 * The server writes times in UTC, since it does not know where the reader is: "2026-01-31 02:39 UTC" becomes "02:39 (in
 * 14m)". Where the server also says how long that is from then, "…, in 13 min 14 s", its figure goes, because it was true
 * once and would stand beside ours.
 */
export function localTimes(text: string, now: number): string {
  return text.replace(TIME, (_, day: string, clock: string) => {
    const at = Date.parse(`${day}T${clock}Z`)
    const sameDay = new Date(at).toDateString() === new Date(now).toDateString()
    const shown = (sameDay ? time : dayAndTime).format(at)
    return at > now ? `${shown} (${formatRelative(at, now)})` : shown
  })
}
