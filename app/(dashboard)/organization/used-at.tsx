import { RelativeTime } from '@/app/_components/relative-time'
import { formatExact } from '@/app/_components/time'
import { useNow } from '@/app/_components/use-now'

/**
 * In milliseconds. The server notes the use of a key at most once a minute, and the list is read again every 15 s. So a
 * key that is in use all the time was "last used" up to a minute ago and a bit more, and the seconds of that time mean
 * nothing.
 */
const JUST_NOW_MS = 120_000

/** When a key was last used, such as "just now" or "3m ago". */
export function UsedAt({ at }: { at: string }) {
  const time = Date.parse(at)
  if (useNow(15_000) - time >= JUST_NOW_MS) return <RelativeTime at={at} />
  return (
    <time dateTime={at} title={formatExact(time)}>
      just now
    </time>
  )
}
