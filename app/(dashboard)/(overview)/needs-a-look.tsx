'use client'

import { CircleCheck } from 'lucide-react'
import dynamic from 'next/dynamic'
import Link from '@/app/_components/link'
import { useRef, useState } from 'react'
import { Button } from '@/app/_components/button'
import { Card } from '@/app/_components/card'
import { cn } from '@/app/_components/cn'
import { useRowKeys } from '@/app/_components/data-table/keys'
import { ErrorState } from '@/app/_components/page/states'
import { useScope } from '@/app/_components/shell/organization'
import { StuckJobs } from '@/app/_components/stuck/stuck-jobs'
import type { useStuck } from '@/app/_components/stuck/use-stuck'
import { formatCount } from '@/app/_components/time'
import type { FailingCause, Fleet } from '@/app/_trpc/types'
import { CauseRow, ROW_HEIGHT } from './cause-row'
import { NoWorker } from './workers-card'
import type { OverviewTime } from './use-overview'

const RetryCause = dynamic(() => import('./retry-cause'), { ssr: false })

/** This many causes fit on the first screen, together with the beginning of what follows. */
const SHOWN = 4

interface Props {
  stuck: ReturnType<typeof useStuck>
  causes: FailingCause[] | undefined
  /** The circuits that are open now. */
  circuits: readonly { organizationId: string; jobType: string }[] | undefined
  /** How the workers do. Nothing runs where none is alive. */
  fleet: Fleet | undefined
  /** There are more causes than were read. */
  more: boolean
  error: unknown
  onRetry: () => void
  rangeName: string
  /** The time as the rest of a sentence, such as "in the last hour". */
  during: string
  time: OverviewTime
  /** The number of jobs in DEAD_LETTER now, no matter when they died. */
  dead: number | undefined
}

/** What fails now, and why. It lists causes, because a person acts on causes. */
export function NeedsALook({
  stuck,
  causes,
  circuits,
  fleet,
  more,
  error,
  onRetry,
  rangeName,
  during,
  time,
  dead,
}: Props) {
  const { href } = useScope()
  const [all, setAll] = useState(false)
  const [asking, setAsking] = useState<FailingCause | null>(null)
  const list = useRef<HTMLUListElement>(null)
  useRowKeys(list, true)
  const shown = all ? causes : causes?.slice(0, SHOWN)
  const count = causes ? formatCount(causes.length, more) : ''
  return (
    <Card
      id="attention"
      title="Needs a look"
      note={<span className="max-sm:hidden">{rangeName}</span>}
      padded={false}
      actions={
        <>
          {causes && causes.length > SHOWN ? (
            <Button size="sm" variant="ghost" aria-expanded={all} onClick={() => setAll(!all)}>
              {all ? 'Fewer causes' : `All ${count} causes`}
            </Button>
          ) : null}
          <Link
            href={href('/dead-letter')}
            className="rounded px-1 text-xs font-medium text-accent hover:underline pointer-coarse:py-2"
          >
            Dead letters
          </Link>
        </>
      }
    >
      <NoWorker fleet={fleet} />
      <StuckJobs stuck={stuck} />
      {/* While it is loading, the list has the height of four causes, so that the page below it does not jump. On a
          phone it shrinks to its causes once they are known. What follows does not jump then, because overview-page.tsx
          hides it until that moment, if that comes soon. */}
      <div className={shown ? 'md:min-h-53' : MIN_HEIGHT}>
        {error && !causes ? (
          <ErrorState compact error={error} onRetry={onRetry} />
        ) : !shown ? (
          <SkeletonCauses />
        ) : shown.length === 0 ? (
          <AllIsWell during={during} dead={dead} />
        ) : (
          <ul ref={list} aria-label="Causes of failures, most urgent first" className="divide-y divide-line">
            {shown.map((cause) => (
              <CauseRow
                key={`${cause.organizationId} ${cause.jobType} ${cause.errorFingerprint}`}
                cause={cause}
                time={time}
                circuitOpen={
                  circuits?.some(
                    ({ organizationId, jobType }) =>
                      organizationId === cause.organizationId && jobType === cause.jobType,
                  ) ?? false
                }
                onRetry={() => setAsking(cause)}
              />
            ))}
          </ul>
        )}
      </div>
      {asking ? <RetryCause cause={asking} onClose={() => setAsking(null)} /> : null}
    </Card>
  )
}

/** The height of four rows and the lines between them. */
const MIN_HEIGHT = 'min-h-101 md:min-h-53'

const SkeletonCauses = () => (
  <div className="divide-y divide-line">
    {Array.from({ length: SHOWN }, (_, index) => (
      <div key={index} className={cn('flex items-center gap-3 px-4', ROW_HEIGHT)}>
        <span className="skeleton block h-5 w-10" />
        <span className="grid flex-1 gap-1.5">
          <span className="skeleton block h-3.5 w-2/3" />
          <span className="skeleton block h-3 w-1/3" />
        </span>
        <span className="skeleton block h-7 w-16" />
      </div>
    ))}
  </div>
)

function AllIsWell({ during, dead }: { during: string; dead: number | undefined }) {
  const { href } = useScope()
  return (
    <div className="flex flex-col items-center justify-center gap-1 p-4 text-center md:min-h-53">
      <span className="grid size-10 place-items-center rounded-full bg-completed-soft text-completed">
        <CircleCheck aria-hidden className="size-5" />
      </span>
      <p className="mt-2 text-base font-semibold">Nothing failed</p>
      <p className="text-sm text-muted">
        No attempt failed {during}, apart from what is ignored.{' '}
        {dead ? (
          <Link href={href('/dead-letter')} className="rounded font-medium text-accent hover:underline">
            {dead === 1 ? '1 dead letter is left' : `${formatCount(dead)} dead letters are left`}
          </Link>
        ) : null}
      </p>
    </div>
  )
}
