'use client'

import { useState } from 'react'
import ConfirmDialog from '@/app/_components/confirm-dialog'
import { messageOf } from '@/app/_trpc/refusal'
import type { JobType, JobTypeVersion } from '@/app/_trpc/types'
import { Difference } from '../editor/difference'
import { changesOf } from '../editor/draft'
import { useSaveType } from '../use-save-type'

/** Restores an old version by saving it as a new version. So the history keeps everything. */
export default function RevertDialog({
  type: shown,
  version,
  onClose,
}: {
  type: JobType
  version: JobTypeVersion
  onClose: () => void
}) {
  // The page behind reads the type again. What somebody else saves meanwhile was not shown here, so it is not
  // overwritten: the server refuses.
  const [type] = useState(shown)
  const save = useSaveType({
    said: ({ displayName }) => `${displayName} is again as in version ${version.version}`,
    onSaved: onClose,
  })
  const { version: _, ...then } = version.config
  const changes = changesOf(type, then)
  return (
    <ConfirmDialog
      wide
      title={`Revert ${type.displayName} to version ${version.version}?`}
      text={`It becomes version ${type.version + 1}. Jobs that wait or run keep the version that they came with.`}
      confirm="Revert"
      hint="The reason is kept in the audit."
      busy={save.isPending}
      unavailable={Object.keys(changes).length === 0 ? 'The present version says the same.' : null}
      error={save.error ? messageOf(save.error) : null}
      onConfirm={(reason) =>
        save.mutate({ name: type.name, changes, ifVersion: type.version, ...(reason ? { reason } : {}) })
      }
      onClose={onClose}
    >
      <Difference before={type} after={{ ...type, ...then }} />
    </ConfirmDialog>
  )
}
