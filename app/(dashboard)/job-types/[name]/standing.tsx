import Link from '@/app/_components/link'
import type { ReactNode } from 'react'
import { cn } from '@/app/_components/cn'
import { AuditLink } from '@/app/_components/audit-link'
import { may } from '@/app/_components/may'
import { useScope } from '@/app/_components/shell/organization'
import { FailureRate, RunningOfLimit, RunP95, Waiting } from '../figures'
import { Marks } from '../marks'
import type { TypeRow } from '../type-row'

/** How the job type stands now, in one line of figures. */
export function Standing({
  row,
  failed,
  asks,
  onLimit,
}: {
  /** Undefined: not known yet, or it could not be read (`failed`). */
  row: TypeRow | undefined
  failed: boolean
  /** This person may not change the limit, so `onLimit` asks an admin for another one. */
  asks: boolean
  /** Undefined where this person may neither change the limit nor ask. */
  onLimit: (() => void) | undefined
}) {
  const { href, viewer } = useScope()
  const act = row?.pause && may(viewer, 'platform.audit') ? row.pause.auditId : null
  const none = failed ? <span className="text-faint">–</span> : null
  return (
    <dl
      aria-label="How it stands"
      className="mt-3 flex flex-wrap gap-x-8 gap-y-3 rounded-lg max-sm:grid max-sm:grid-cols-3 max-sm:gap-x-3  border border-line bg-surface px-4 py-3 text-sm shadow-card"
    >
      <Figure name="Health" wide>
        {row ? (
          <span className="flex flex-wrap gap-x-3">
            <Marks row={row} />
            {act ? (
              <Link href={href(`/audit?entry=${act}`)} prefetch={false} className="rounded text-accent hover:underline">
                Who paused it
              </Link>
            ) : null}
          </span>
        ) : (
          none
        )}
      </Figure>
      <Figure name="Waiting">{row ? <Waiting row={row} /> : none}</Figure>
      <Figure name="Running, limit" whole>
        {row ? (
          <span className="flex flex-wrap gap-x-3">
            <RunningOfLimit row={row} full asks={asks} onChange={onLimit} />
            <AuditLink kind="jobType" object={row.type.name} action="jobType.update" field="concurrency" />
          </span>
        ) : (
          none
        )}
      </Figure>
      <Figure name="Failed, 24 h">{row ? <FailureRate row={row} /> : none}</Figure>
      <Figure name="Run p95, 24 h">{row ? <RunP95 row={row} /> : none}</Figure>
    </dl>
  )
}

interface FigureProps {
  name: string
  wide?: boolean
  /** Needs a whole line on a phone. Its button is as high as a finger needs. */
  whole?: boolean
  children: ReactNode
}

/** On a phone every figure has its own place, so that none moves another when its value arrives. */
function Figure({ name, wide, whole, children }: FigureProps) {
  return (
    <div
      className={cn(wide ? 'min-w-36 max-sm:col-span-3' : 'min-w-20', whole && 'max-sm:order-last max-sm:col-span-3')}
    >
      <dt className="text-xs text-faint">{name}</dt>
      <dd className={cn('mt-0.5 min-h-6 tabular-nums', whole && 'pointer-coarse:min-h-9')}>
        {children ?? <span className="skeleton block h-4 w-16" />}
      </dd>
    </div>
  )
}
