import { RelativeTime } from '@/app/_components/relative-time'
import { formatExact } from '@/app/_components/time'
import { useNow } from '@/app/_components/use-now'

/** In milliseconds. The server records the use of a key only to the minute, so seconds would be invented. */
const TO_THE_MINUTE = 120_000

/** When a key was last used, such as "just now" or "3m ago". */
export function UsedAt({ at }: { at: string }) {
  const time = Date.parse(at)
  if (useNow(15_000) - time >= TO_THE_MINUTE) return <RelativeTime at={at} />
  return (
    <time dateTime={at} title={formatExact(time)}>
      just now
    </time>
  )
}
