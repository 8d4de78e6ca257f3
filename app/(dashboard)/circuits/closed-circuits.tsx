import Link from '@/app/_components/link'
import { Card } from '@/app/_components/card'
import { OutcomeDots } from '@/app/_components/circuits/outcome-dots'
import { RelativeTime } from '@/app/_components/relative-time'
import { useScope } from '@/app/_components/shell/organization'
import { VisibleText } from '@/app/_components/visible-text'
import type { Circuit } from '@/app/_trpc/types'

/** The circuits that were open before, with who closed them and why. */
export function ClosedCircuits({ circuits }: { circuits: Circuit[] }) {
  const { href, organizationId, me } = useScope()
  if (circuits.length === 0) return null
  return (
    <Card id="closed-circuits" title="Closed" note={circuits.length.toLocaleString('en')} padded={false}>
      <ul className="divide-y divide-line">
        {circuits.map((circuit) => {
          const owner = organizationId ? null : me?.organizations.find(({ id }) => id === circuit.organizationId)?.name
          return (
            <li
              key={`${circuit.organizationId} ${circuit.jobType}`}
              className="flex flex-wrap items-baseline gap-x-3 gap-y-1 px-4 py-2 text-sm"
            >
              <span className="font-medium wrap-anywhere">
                <VisibleText text={circuit.jobType} />
              </span>
              {owner ? (
                <span className="text-muted">
                  <VisibleText text={owner} />
                </span>
              ) : null}
              <OutcomeDots circuit={circuit} />
              <span className="min-w-0 text-muted tabular-nums wrap-anywhere">
                {circuit.closedAt ? (
                  <>
                    closed <RelativeTime at={circuit.closedAt} />
                  </>
                ) : (
                  'closed'
                )}
                {circuit.closedBy ? <VisibleText text={` by ${circuit.closedBy.name}`} /> : null}
                {circuit.closeReason ? <VisibleText text={`: ${circuit.closeReason}`} /> : null}
              </span>
              {circuit.auditId ? (
                <Link
                  href={href(`/audit?entry=${circuit.auditId}`)}
                  prefetch={false}
                  className="rounded text-xs font-medium text-accent hover:underline pointer-coarse:py-2"
                >
                  The act
                </Link>
              ) : null}
            </li>
          )
        })}
      </ul>
    </Card>
  )
}
