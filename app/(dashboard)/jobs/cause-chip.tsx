'use client'

import { useQuery } from '@tanstack/react-query'
import { X } from 'lucide-react'
import { IconButton } from '@/app/_components/button'
import { ErrorPattern } from '@/app/_components/error-pattern'
import { errorWords } from '@/app/_components/prose-words'
import { useScope } from '@/app/_components/shell/organization'
import { useTRPC } from '@/app/_trpc/client'
import { visible } from '@/server/engine/domain/visible'

/**
 * Says that the list shows the jobs with one cause of failure, with a button that removes this filter. Its code is
 * loaded only for such lists.
 */
export default function CauseChip({ cause, onClear }: { cause: string; onClear: () => void }) {
  const trpc = useTRPC()
  const { organizationId, ready } = useScope()
  const named = useQuery(
    trpc.deadLetters.groups.queryOptions(
      {
        ...(organizationId ? { organizationId } : {}),
        errorFingerprint: cause,
        by: 'cause',
        // The cause may be one that somebody has chosen to ignore.
        ignored: true,
        limit: 1,
      },
      { enabled: ready, staleTime: 60_000 },
    ),
  )
  const pattern = named.data?.items[0]?.pattern
  return (
    <p className="mb-3 flex h-8.5 w-fit max-w-full items-center gap-2 rounded border border-accent bg-surface py-0.5 pr-1 pl-2.5 text-sm">
      <span className="shrink-0 text-muted">Last error</span>
      <span
        className="min-w-0 truncate font-medium"
        title={pattern === undefined ? cause : visible(errorWords(pattern))}
      >
        {pattern ? <ErrorPattern text={pattern} /> : <span className="font-mono text-xs">{cause}</span>}
      </span>
      <IconButton label="Show jobs of every cause" onClick={onClear}>
        <X aria-hidden />
      </IconButton>
    </p>
  )
}
