import Link from 'next/link'
import type { ReactNode } from 'react'
import { AuditLink } from '@/app/_components/audit-link'
import { may } from '@/app/_components/may'
import { useScope } from '@/app/_components/shell/organization'
import { formatCount } from '@/app/_components/time'
import { FailureRate, RunningOfLimit, RunP95 } from '../figures'
import { Marks } from '../marks'
import type { TypeRow } from '../type-row'

/** The present state of a job type in one line of figures. `row` is undefined while it is not known yet. */
export function Standing({ row, onLimit }: { row: TypeRow | undefined; onLimit: (() => void) | undefined }) {
  const { href, viewer } = useScope()
  const act = row?.pause && may(viewer, 'platform.audit') ? row.pause.auditId : null
  return (
    <dl
      aria-label="How it stands"
      className="mt-3 flex flex-wrap gap-x-8 gap-y-3 rounded-lg border border-line bg-surface px-4 py-3 text-sm shadow-card"
    >
      <Figure name="Health" wide>
        {row && (
          <span className="flex flex-wrap gap-x-3">
            <Marks row={row} />
            {act ? (
              <Link href={href(`/audit?entry=${act}`)} prefetch={false} className="rounded text-accent hover:underline">
                Who paused it
              </Link>
            ) : null}
          </span>
        )}
      </Figure>
      <Figure name="Waiting">{row && formatCount(row.day?.waiting ?? 0)}</Figure>
      <Figure name="Running, limit">
        {row && (
          <span className="flex flex-wrap gap-x-3">
            <RunningOfLimit row={row} full onChange={onLimit} />
            <AuditLink kind="jobType" object={row.type.name} action="jobType.update" field="concurrency" />
          </span>
        )}
      </Figure>
      <Figure name="Failed, 24 h">{row && <FailureRate row={row} />}</Figure>
      <Figure name="Run p95, 24 h">{row && <RunP95 row={row} />}</Figure>
    </dl>
  )
}

function Figure({ name, wide, children }: { name: string; wide?: boolean; children: ReactNode }) {
  return (
    <div className={wide ? 'min-w-36' : 'min-w-20'}>
      <dt className="text-xs text-faint">{name}</dt>
      <dd className="mt-0.5 min-h-6 tabular-nums">{children ?? <span className="skeleton block h-4 w-16" />}</dd>
    </div>
  )
}
