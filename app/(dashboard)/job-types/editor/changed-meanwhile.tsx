import { useQuery } from '@tanstack/react-query'
import { GitMerge } from 'lucide-react'
import { Button } from '@/app/_components/button'
import { RelativeTime } from '@/app/_components/relative-time'
import { VisibleText } from '@/app/_components/visible-text'
import { useTRPC } from '@/app/_trpc/client'
import type { JobType } from '@/app/_trpc/types'
import { Difference } from './difference'

interface Props {
  /** The version that the reader began to edit. */
  base: JobType
  /** The version that somebody else has saved since. */
  present: JobType
  onTakeOver: () => void
  onDiscard: () => void
}

/**
 * Says that somebody else has saved while this person was editing. It shows who and what, and offers two ways on. A link
 * beside the button that saves leads here (editor.tsx).
 */
export function ChangedMeanwhile({ base, present, onTakeOver, onDiscard }: Props) {
  const trpc = useTRPC()
  const versions = useQuery(trpc.jobTypes.versions.queryOptions({ name: present.name, limit: 1 }))
  // The newest version may be newer than `present` already. Then nobody is named.
  const latest = versions.data?.items.find(({ version }) => version === present.version)
  return (
    <div
      id="changed-meanwhile"
      role="alert"
      tabIndex={-1}
      className="mb-4 grid scroll-mt-4 gap-3 rounded-md bg-warning-soft px-4 py-3 text-sm"
    >
      <p className="flex items-start gap-2 font-medium text-warning">
        <GitMerge aria-hidden className="mt-0.5 size-4 shrink-0" />
        <span>
          {latest ? <VisibleText text={latest.createdBy.name} /> : 'Somebody else'} has saved version {present.version}
          {latest ? (
            <>
              {' '}
              <RelativeTime at={latest.createdAt} />
            </>
          ) : null}
          , while you were editing version {base.version}. Your edits are still here.
        </span>
      </p>
      <Difference before={base} after={present} />
      <div className="flex flex-wrap gap-2">
        <Button variant="primary" onClick={onTakeOver}>
          Take it over, keep my edits
        </Button>
        <Button onClick={onDiscard}>Discard my edits</Button>
      </div>
    </div>
  )
}
