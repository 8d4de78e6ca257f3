import { formatter } from '@/app/_components/time'

const day = formatter({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' })

/** The entries of one day, in the reader's time zone. */
export interface Day<Entry> {
  /** The heading of the day: "Today", "Yesterday" or "Sunday, November 22, 2026". */
  name: string
  entries: Entry[]
}

/** Groups entries by day. Their order stays the same. */
export function byDay<Entry extends { at: string }>(entries: readonly Entry[], now: number): Day<Entry>[] {
  const days: Day<Entry>[] = []
  for (const entry of entries) {
    const name = dayName(Date.parse(entry.at), now)
    const last = days.at(-1)
    if (last?.name === name) last.entries.push(entry)
    else days.push({ name, entries: [entry] })
  }
  return days
}

function dayName(at: number, now: number): string {
  const name = day().format(at)
  if (name === day().format(now)) return 'Today'
  // A day may have 23 or 25 hours.
  const yesterday = new Date(now)
  yesterday.setDate(yesterday.getDate() - 1)
  return name === day().format(yesterday) ? 'Yesterday' : name
}
