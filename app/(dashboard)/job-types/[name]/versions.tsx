import dynamic from 'next/dynamic'
import { ChevronRight, Undo2 } from 'lucide-react'
import { useState } from 'react'
import { Button } from '@/app/_components/button'
import { ErrorState } from '@/app/_components/page/states'
import { RelativeTime } from '@/app/_components/relative-time'
import { formatCount } from '@/app/_components/time'
import { VisibleText } from '@/app/_components/visible-text'
import type { JobType, JobTypeVersion } from '@/app/_trpc/types'
import { Difference } from '../editor/difference'
import { differenceOf } from '../editor/settings'
import type { useVersions } from './use-versions'

const RevertDialog = dynamic(() => import('./revert-dialog'), { ssr: false })

interface Props {
  type: JobType
  versions: ReturnType<typeof useVersions>
  /** This person may restore an old version. */
  reverts: boolean
}

/** The present version of a job type and the earlier ones: who changed what, and how many jobs still use each. */
export function Versions({ type, versions, reverts }: Props) {
  const [reverting, setReverting] = useState<JobTypeVersion | null>(null)
  const { items, error } = versions
  if (!items)
    return error ? (
      <ErrorState error={error} onRetry={() => void versions.refetch()} />
    ) : (
      <div aria-busy="true" className="rounded-lg border border-line bg-surface shadow-card">
        {[1, 2, 3].map((n) => (
          <div key={n} className="flex h-14 items-center border-b border-line px-4 last:border-b-0">
            <span className="skeleton block h-4 w-1/2" />
          </div>
        ))}
      </div>
    )
  return (
    <>
      <ol
        aria-label="Versions, newest first"
        className="divide-y divide-line rounded-lg border border-line bg-surface shadow-card"
      >
        {items.map((version, at) => (
          <VersionRow
            key={version.version}
            version={version}
            before={items[at + 1]}
            present={version.version === type.version}
            onRevert={reverts ? () => setReverting(version) : undefined}
          />
        ))}
      </ol>
      {versions.hasNextPage ? (
        <Button className="mt-3" busy={versions.isFetchingNextPage} onClick={() => void versions.fetchNextPage()}>
          Older versions
        </Button>
      ) : null}
      {reverting ? <RevertDialog type={type} version={reverting} onClose={() => setReverting(null)} /> : null}
    </>
  )
}

function VersionRow({
  version,
  before,
  present,
  onRevert,
}: {
  version: JobTypeVersion
  before: JobTypeVersion | undefined
  present: boolean
  onRevert: (() => void) | undefined
}) {
  const [open, setOpen] = useState(false)
  const changed = before ? differenceOf(before.config, version.config) : null
  return (
    <li aria-label={`Version ${version.version}`} className="px-4 py-2.5">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1.5">
        <button
          type="button"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
          className="-ml-1.5 flex min-w-0 flex-1 basis-64 items-start gap-1.5 rounded px-1 py-0.5 text-left hover:bg-hover"
        >
          <ChevronRight
            aria-hidden
            className={open ? 'mt-0.5 size-4 shrink-0 rotate-90 text-faint' : 'mt-0.5 size-4 shrink-0 text-faint'}
          />
          <span className="min-w-0">
            <span className="block text-sm">
              <span className="font-medium tabular-nums">Version {version.version}</span>
              {present ? <span className="ml-2 text-xs text-completed">present</span> : null}
              <span className="ml-2 text-muted">
                by <VisibleText text={version.createdBy.name} /> <RelativeTime at={version.createdAt} />
              </span>
            </span>
            <span className="block truncate text-xs text-faint">{summary(version, changed)}</span>
          </span>
        </button>
        <JobsOfVersion version={version} present={present} />
        {onRevert && !present ? (
          <Button size="sm" aria-label={`Revert to version ${version.version}`} onClick={onRevert}>
            <Undo2 aria-hidden /> Revert
          </Button>
        ) : null}
      </div>
      {open ? (
        <div className="mt-3 mb-1 sm:pl-6">
          {before ? (
            <Difference before={before.config} after={version.config} />
          ) : version.version === 1 ? (
            <p className="text-sm text-faint">The job type was made with this version.</p>
          ) : (
            <p className="text-sm text-faint">Show older versions to see what it changed.</p>
          )}
        </div>
      ) : null}
    </li>
  )
}

/** Longer values, such as a schema, are left out of the line, which then only names the setting. */
const MOST_CHARACTERS = 60

/** What a version changed, in a few words. The full difference appears when the entry is opened. */
function summary({ version }: JobTypeVersion, changed: ReturnType<typeof differenceOf> | null): string {
  if (version === 1) return 'Made'
  if (!changed) return 'Changed'
  if (changed.length === 0) return 'Nothing that is shown here'
  return changed
    .map(({ setting, from, to }) =>
      from.length + to.length > MOST_CHARACTERS ? setting.label : `${setting.label}: ${from} → ${to}`,
    )
    .join(' · ')
}

function JobsOfVersion({ version: { unfinished }, present }: { version: JobTypeVersion; present: boolean }) {
  if (unfinished === null)
    return <span className="text-xs text-faint">more than 10,000 jobs of the type wait or run</span>
  const { waiting, running } = unfinished
  if (waiting + running === 0) return <span className="text-xs text-faint">no jobs wait or run with it</span>
  return (
    <span className={present ? 'text-xs text-muted tabular-nums' : 'text-xs font-medium text-warning tabular-nums'}>
      {formatCount(waiting)} wait, {formatCount(running)} run with it
    </span>
  )
}
