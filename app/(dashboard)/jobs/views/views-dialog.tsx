'use client'

import dynamic from 'next/dynamic'
import { useState } from 'react'
import { Button } from '@/app/_components/button'
import { Dialog, DialogError } from '@/app/_components/dialog'
import { Field, Input } from '@/app/_components/field'
import { may } from '@/app/_components/may'
import { notify } from '@/app/_components/notify'
import { NotRead } from '@/app/_components/page/not-read'
import { useScope } from '@/app/_components/shell/organization'
import { VisibleText } from '@/app/_components/visible-text'
import { messageOf } from '@/app/_trpc/refusal'
import type { SavedView } from '@/app/_trpc/types'
import type { Question } from '../filters'
import { searchText } from '../search/write'
import { readView, viewQuery } from './read-view'
import { useViewActions, useViews } from './use-views'

const ConfirmDialog = dynamic(() => import('@/app/_components/confirm-dialog'), { ssr: false })

interface Props {
  question: Question
  columns: string[]
  onClose: () => void
}

/** Saves the present filters and columns under a name, and changes saved views. */
export default function ViewsDialog({ question, columns, onClose }: Props) {
  const { organizationId, viewer } = useScope()
  const views = useViews()
  const { create, update, remove } = useViewActions()
  const [name, setName] = useState('')
  // Null while nobody has touched the box. A view that is replaced then stays shared, or not, as it was.
  const [ticked, setTicked] = useState<boolean | null>(null)
  const [deleting, setDeleting] = useState<SavedView | null>(null)
  const query = viewQuery(question, columns)
  const own = views.data?.filter(({ createdBy }) => createdBy.id === viewer.userId) ?? []
  const same = own.find((view) => view.name === name.trim() && view.organizationId === organizationId)
  const shared = ticked ?? same?.shared ?? false
  const error = create.error ?? update.error
  const changeable = (views.data ?? []).filter((view) => own.includes(view) || may(viewer, 'savedViews.delete'))

  const save = () => {
    if (!organizationId || name.trim() === '') return
    const options = {
      onSuccess: () => {
        notify.success(`Saved as “${name.trim()}”`)
        onClose()
      },
    }
    if (same) update.mutate({ viewId: same.id, changes: { query, shared } }, options)
    else create.mutate({ organizationId, name, query, shared }, options)
  }

  if (deleting)
    return (
      <ConfirmDialog
        title={`Delete the view “${deleting.name}”?`}
        text={deleting.shared ? 'Everybody who uses it loses it. The jobs stay.' : 'The jobs stay.'}
        hint={deleting.createdBy.id === viewer.userId ? null : 'The reason is kept in the audit.'}
        confirm="Delete view"
        danger
        busy={remove.isPending}
        error={remove.error ? messageOf(remove.error) : null}
        onConfirm={(reason) =>
          remove.mutate({ viewId: deleting.id, ...(reason ? { reason } : {}) }, { onSuccess: () => setDeleting(null) })
        }
        onClose={() => setDeleting(null)}
      />
    )
  return (
    <Dialog
      title="Saved views"
      text={`What is shown now: ${searchText(question) || 'all jobs'}`}
      busy={create.isPending || update.isPending}
      wide
      onClose={onClose}
    >
      <form
        className="mt-4 grid gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          save()
        }}
      >
        <Field id="view-name" label="Name">
          <Input
            id="view-name"
            autoFocus
            value={name}
            maxLength={80}
            onChange={(event) => setName(event.target.value)}
          />
        </Field>
        <label className="flex w-fit items-center gap-2 text-sm">
          <input
            type="checkbox"
            className="size-4 accent-(--accent)"
            checked={shared}
            onChange={(event) => setTicked(event.target.checked)}
          />
          Share it with everybody in the organization
        </label>
        {error ? <DialogError>{messageOf(error)}</DialogError> : null}
        <div className="flex justify-end">
          <Button
            type="submit"
            variant="primary"
            busy={create.isPending || update.isPending}
            unavailable={organizationId ? null : 'Choose an organization first: a view belongs to one.'}
          >
            {same ? 'Replace the view' : 'Save the view'}
          </Button>
        </div>
      </form>
      {views.error && !views.data ? (
        <NotRead what="The saved views" onRetry={() => void views.refetch()} className="mt-4" />
      ) : null}
      {changeable.length > 0 ? (
        <ul
          aria-label="Views that you may change"
          className="mt-4 max-h-72 divide-y divide-line overflow-y-auto border-t border-line"
        >
          {changeable.map((view) => (
            <li key={view.id} className="flex flex-wrap items-center gap-2 py-2 text-sm">
              <span className="min-w-0 flex-1 basis-40">
                <span className="block truncate font-medium">
                  <VisibleText text={view.name} />
                </span>
                <span className="block truncate text-xs text-faint">
                  <VisibleText
                    text={`${view.shared ? `Shared by ${view.createdBy.name} · ` : ''}${searchText(readView(view.query, viewer.userId).question) || 'all jobs'}`}
                  />
                </span>
              </span>
              {own.includes(view) ? (
                <Button
                  size="sm"
                  busy={update.isPending && update.variables.viewId === view.id}
                  onClick={() => update.mutate({ viewId: view.id, changes: { shared: !view.shared } })}
                >
                  {view.shared ? 'Stop sharing' : 'Share'}
                </Button>
              ) : null}
              <Button size="sm" onClick={() => (remove.reset(), setDeleting(view))} aria-label={`Delete ${view.name}`}>
                Delete
              </Button>
            </li>
          ))}
        </ul>
      ) : null}
    </Dialog>
  )
}
