import { Cron } from 'croner'
import cronstrue from 'cronstrue'
import { invalid } from '../job-options'
import { isTimeZone } from '../time-zone'

/** Characters of an expression. */
export const MAX_CRON = 200
const NICKNAMES = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly']
const WAY_OUT = `Give five fields (minute, hour, day of month, month, day of week), six with seconds first, or one of ${NICKNAMES.join(', ')}.`

/**
 * How many answers of one expression are remembered. A schedule that catches up asks for the same times again and
 * again.
 */
const REMEMBERED = 5_000
/** How many expressions are remembered. */
const MOST_EXPRESSIONS = 2_000

/** The times of one expression in one time zone (rule 4.28). */
export class CronTimes {
  private readonly answers = new Map<number, Date | null>()

  constructor(private readonly cron: Cron) {}

  /** The first time after `instant`, or null where none comes any more. */
  next(instant: Date): Date | null {
    const known = this.answers.get(instant.getTime())
    if (known !== undefined) return known
    const found = this.cron.nextRun(instant)
    if (this.answers.size >= REMEMBERED) this.answers.clear()
    this.answers.set(instant.getTime(), found)
    return found
  }

  /** The last `count` times until `instant`, oldest first. A time that is `instant` itself is among them. */
  latest(count: number, instant: Date): Date[] {
    // `previousRuns` gives only times before its argument, and counts in whole seconds. So it is asked from the start
    // of the next second, and a time that equals `instant` is among its answers.
    const beyond = new Date((Math.floor(instant.getTime() / 1000) + 1) * 1000)
    return this.cron.previousRuns(count, beyond).reverse()
  }
}

const expressions = new Map<string, CronTimes>()

/**
 * The times of an expression in a time zone.
 * @param cron as `tidyCron` returns it
 * @param pathPrefix stands before the names of fields in errors: `changes.` or nothing
 * @throws EngineError INVALID_INPUT for what cannot be read or never comes
 */
export function cronTimes(cron: string, timeZone: string, pathPrefix = ''): CronTimes {
  const key = `${cron}\n${timeZone}`
  const known = expressions.get(key)
  if (known) return known
  requireTimeZone(timeZone, `${pathPrefix}timeZone`)
  const times = new CronTimes(readCron(cron, timeZone, `${pathPrefix}cron`))
  if (times.next(new Date(0)) === null)
    throw invalid(`${pathPrefix}cron`, `No time fits "${cron}": it never comes. ${WAY_OUT}`)
  if (expressions.size >= MOST_EXPRESSIONS) expressions.clear()
  expressions.set(key, times)
  return times
}

/** An expression as it is kept: with one space between its fields. */
export const tidyCron = (cron: string): string => cron.trim().replace(/\s+/g, ' ')

function readCron(cron: string, timezone: string, path: string): Cron {
  const fields = cron.split(' ')
  const isNickname = NICKNAMES.includes(cron.toLowerCase())
  if (cron.length > MAX_CRON) throw invalid(path, `Give at most ${MAX_CRON} characters.`)
  if (!isNickname && fields.length !== 5 && fields.length !== 6)
    throw invalid(path, cron === '' ? WAY_OUT : `"${cron}" cannot be read. ${WAY_OUT}`)
  try {
    // Times without a wildcard or a step are fixed times: one that a clock change skips runs right after it, and one
    // that comes twice runs once (rule 4.28).
    return new Cron(cron, { timezone, paused: true, mode: '5-or-6-parts', fixedTimeRule: 'no-wildcard' })
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^CronPattern: /, '') : 'it is no expression'
    throw invalid(path, `"${cron}" cannot be read: ${why.replace(/\.?$/, '.')} ${WAY_OUT}`)
  }
}

/** @throws EngineError INVALID_INPUT for what is no name of the IANA's list, such as Europe/Berlin. */
export function requireTimeZone(timeZone: string, path: string): void {
  if (isTimeZone(timeZone)) return
  throw invalid(
    path,
    `There is no time zone "${timeZone}". Give its name, as in Europe/Berlin, America/New_York or UTC.`,
  )
}

/** An expression in words: "At 09:00, Monday through Friday". It must have been read by `cronTimes`. */
export function cronInWords(cron: string): string {
  try {
    return eitherDay(cron.split(' ')) ?? words(cron)
  } catch {
    // The two libraries do not know quite the same extensions. The times decide, and the words are a help.
    return cron
  }
}

const words = (cron: string) => cronstrue.toString(cron, { use24HourTimeFormat: true })

/**
 * The words where day of month and day of week are both given, or null. One of them is enough (rule 4.28), but the
 * library joins them by "and". So each part is put into words by itself.
 */
function eitherDay(fields: string[]): string | null {
  if (fields.length < 5) return null
  const [day, month, weekday] = fields.slice(-3) as [string, string, string]
  if (/^[*?]$/.test(day) || /^[*?]$/.test(weekday)) return null
  const partOf = (three: string) =>
    words(`0 0 ${three}`)
      .replace(/^At 00:00(?:, )?/, '')
      .replace(/^only /, '')
  const days = [partOf(`${day} * *`), partOf(`* * ${weekday}`)].map((part) => part || 'every day')
  const months = month === '*' ? '' : partOf(`* ${month} *`)
  return `${words([...fields.slice(0, -3), '* * *'].join(' '))}, ${days.join(' or ')}${months && `, ${months}`}`
}
