'use client'

import { useState } from 'react'
import { Button } from '@/app/_components/button'
import ConfirmDialog from '@/app/_components/confirm-dialog'
import { messageOf } from '@/app/_trpc/refusal'
import type { JobType } from '@/app/_trpc/types'
import { Difference } from '../editor/difference'
import { changesOf } from '../editor/draft'
import type { Config } from '../editor/settings'
import { useSaveType } from '../use-save-type'

/**
 * A folded list of the settings of a job type that differ from what the file of its handler says (`jobType` of
 * `defineHandler`). A button sets them as the file says.
 */
export default function FromFile({ type }: { type: JobType }) {
  const [asking, setAsking] = useState(false)
  const said = { ...type, ...Object.fromEntries((type.differs ?? []).map((one) => [one.field, one.default])) } as Config
  return (
    <details className="mb-4 rounded-lg border border-line bg-surface shadow-card">
      <summary className="cursor-pointer rounded-lg px-4 py-2.5 text-sm font-medium hover:bg-hover">
        {type.differs?.length === 1 ? '1 setting differs' : `${type.differs?.length ?? 0} settings differ`} from what
        the file of its handler says
      </summary>
      <div className="grid gap-3 border-t border-line px-4 py-3">
        <p className="text-sm text-muted">First what the file says, then what is set. What is set holds.</p>
        <Difference before={said} after={type} />
        <div>
          <Button size="sm" onClick={() => setAsking(true)}>
            Set as the file says…
          </Button>
        </div>
      </div>
      {asking ? <TakeDialog type={type} said={said} onClose={() => setAsking(false)} /> : null}
    </details>
  )
}

function TakeDialog({ onClose, ...shown }: { type: JobType; said: Config; onClose: () => void }) {
  // The page behind reads the type again. What somebody else saves meanwhile was not shown here, so it is not
  // overwritten: the server refuses.
  const [{ type, said }] = useState(shown)
  const save = useSaveType({ said: ({ displayName }) => `${displayName} is set as its file says`, onSaved: onClose })
  return (
    <ConfirmDialog
      wide
      title={`Set ${type.displayName} as its file says?`}
      text={`It becomes version ${type.version + 1}. Jobs that wait or run keep the version that they came with.`}
      confirm="Set"
      hint="The reason is kept in the audit."
      busy={save.isPending}
      error={save.error ? messageOf(save.error) : null}
      onConfirm={(reason) =>
        save.mutate({
          name: type.name,
          changes: changesOf(type, said),
          ifVersion: type.version,
          ...(reason ? { reason } : {}),
        })
      }
      onClose={onClose}
    >
      <Difference before={type} after={said} />
    </ConfirmDialog>
  )
}
