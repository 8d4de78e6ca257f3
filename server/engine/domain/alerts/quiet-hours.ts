import { z } from 'zod'
import { minuteOfDay } from '../time-zone'

const clock = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'must be a time of the day from 00:00 to 23:59')

/** The hours of each day in which no message is sent. `to` is the first minute after them, and may be on the next day. */
export const quietHours = z
  .strictObject({ from: clock, to: clock })
  .refine(({ from, to }) => from !== to, { path: ['to'], error: 'must differ from `from`' })
export type QuietHours = z.output<typeof quietHours>

const minutes = (text: string) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3))

/** Whether a clock in the time zone shows quiet hours at this moment. */
export function isQuiet(at: Date, quiet: QuietHours | null, timeZone: string): boolean {
  if (!quiet) return false
  const [from, to, now] = [minutes(quiet.from), minutes(quiet.to), minuteOfDay(at.getTime(), timeZone)]
  return from < to ? now >= from && now < to : now >= from || now < to
}
