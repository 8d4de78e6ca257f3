'use client'

import { useMutation } from '@tanstack/react-query'
import { ChevronRight } from 'lucide-react'
import { Button } from '@/app/_components/button'
import { ErrorPattern } from '@/app/_components/error-pattern'
import { may } from '@/app/_components/may'
import { notify } from '@/app/_components/notify'
import { useScope } from '@/app/_components/shell/organization'
import { formatCount } from '@/app/_components/time'
import { VisibleText } from '@/app/_components/visible-text'
import { useTRPCClient } from '@/app/_trpc/client'
import { messageOf } from '@/app/_trpc/refusal'
import type { DeadLetterGroup } from '@/app/_trpc/types'
import type { Opening } from './group-columns'
import { ignoredWords } from './group-words'

/**
 * The ignored causes in a folded list. A group has only the job types for which its cause is ignored. It tells who
 * decided that, until when, and why.
 */
export function IgnoredGroups({
  groups,
  opening,
  onChanged,
}: {
  groups: DeadLetterGroup[]
  opening: Opening
  onChanged: () => void
}) {
  if (groups.length === 0) return null
  return (
    <details className="group mt-4">
      <summary className="flex w-fit list-none items-center gap-1.5 rounded py-1 text-sm font-medium text-muted hover:text-ink pointer-coarse:py-2.5">
        <ChevronRight aria-hidden className="size-4 transition-transform group-open:rotate-90" />
        {groups.length === 1 ? '1 cause is ignored' : `${formatCount(groups.length)} causes are ignored`}
      </summary>
      <ul
        aria-label="Ignored causes"
        className="mt-2 divide-y divide-line rounded-lg border border-line bg-surface shadow-card"
      >
        {groups.map((group) => (
          <li
            key={`${group.organizationId} ${group.errorFingerprint}`}
            className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2.5 text-sm"
          >
            <span className="w-10 text-right font-semibold text-muted tabular-nums">{formatCount(group.count)}</span>
            <span className="min-w-0 flex-1 basis-64">
              <button
                type="button"
                className="block max-w-full truncate rounded text-left font-medium hover:underline"
                onClick={() => opening.open(group)}
              >
                <ErrorPattern text={group.pattern} />
              </button>
              {group.ignored ? (
                <span className="block text-xs text-muted">
                  Ignored {ignoredWords(group.ignored)} by <VisibleText text={group.ignored.by.name} />:{' '}
                  <VisibleText text={group.ignored.reason} />
                </span>
              ) : null}
            </span>
            <ShowAgain group={group} onChanged={onChanged} />
          </li>
        ))}
      </ul>
    </details>
  )
}

/** Stops ignoring a cause, for all job types of the group. */
export function ShowAgain({ group, onChanged }: { group: DeadLetterGroup; onChanged: () => void }) {
  const client = useTRPCClient()
  const { viewer } = useScope()
  const again = useMutation({
    mutationFn: async () => {
      for (const { jobType } of group.jobTypes)
        await client.deadLetters.unignore.mutate({
          organizationId: group.organizationId,
          errorFingerprint: group.errorFingerprint,
          jobType,
        })
    },
    onSuccess: () => {
      notify.success('It is in the list again')
      onChanged()
    },
    onError: (error) => notify.error(messageOf(error)),
  })
  return (
    <Button
      size="sm"
      busy={again.isPending}
      unavailable={may(viewer, 'deadLetters.ignore') ? null : 'Viewers read. Ask an operator to show it again.'}
      onClick={() => again.mutate()}
    >
      Show again
    </Button>
  )
}
