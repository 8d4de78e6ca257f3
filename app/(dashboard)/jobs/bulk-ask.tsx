'use client'

import type { ReactNode } from 'react'
import AskAdminDialog, { type Asked } from '@/app/_components/requests/ask-admin-dialog'
import type { BulkKind } from '@/app/_components/job-status'
import { useScope } from '@/app/_components/shell/organization'
import type { JobFilterInput } from '@/app/_trpc/types'
import { BULK_WORDS, jobs } from './bulk-words'
import { usePreview, whichOf } from './use-preview'
import type { Selection } from './use-selection'

/** The same as those of `BulkDialog`, which shows this dialog in its place. */
interface Props {
  kind: BulkKind
  selection: Selection
  filter: JobFilterInput
  organizationId?: string
  title?: string
  about?: ReactNode
  onClose: () => void
  onDone: (bulkId: string | undefined) => void
}

/**
 * Asks an admin for a bulk action that this person may not do. It is about the same jobs as the action itself, and shows
 * how many of them the action can change, judged by their status alone.
 */
export default function BulkAsk({ kind, selection, filter, title, about, onClose, onDone, ...props }: Props) {
  const scope = useScope()
  const organizationId = props.organizationId ?? scope.organizationId
  // The admin who decides sees how many they are.
  const preview = usePreview({ kind, selection, filter, ownOnly: false, uncountedToo: true })
  const { verb } = BULK_WORDS[kind]
  const asked = { kind: kind.toUpperCase(), organizationId, ...whichOf(selection, filter) } as Asked
  return (
    <AskAdminDialog
      asked={asked}
      title={`Ask to ${title ? `${title[0]!.toLowerCase()}${title.slice(1)}` : `${verb.toLowerCase()} ${selection.all ? 'all that match?' : `${jobs(selection.jobs.size)}?`}`}`}
      text={
        <>
          <span aria-live="polite">{preview.text}</span> An admin of the organization sees these very jobs and decides.
          Jobs that come to match later are not among them.
        </>
      }
      unavailable={organizationId ? preview.none : 'No organization was chosen.'}
      onClose={onClose}
      onDone={() => onDone(undefined)}
    >
      {about}
    </AskAdminDialog>
  )
}
