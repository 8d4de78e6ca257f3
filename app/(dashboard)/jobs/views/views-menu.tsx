'use client'

import { BookmarkPlus, Check, Users } from 'lucide-react'
import { MenuItem, MenuLabel, MenuSeparator } from '@/app/_components/menu'
import { notify } from '@/app/_components/notify'
import { useScope } from '@/app/_components/shell/organization'
import { VisibleText } from '@/app/_components/visible-text'
import type { Question } from '../filters'
import { searchText } from '../search/write'
import { readView } from './read-view'
import { useViews } from './use-views'

interface Props {
  question: Question
  onOpen: (question: Question, columns: string[] | null) => void
  onEdit: () => void
}

/** The saved views to choose from. The code is loaded when the menu is opened. */
export default function ViewsMenu({ question, onOpen, onEdit }: Props) {
  const { viewer, me, organizationId } = useScope()
  const views = useViews()
  const asked = searchText(question)
  const organizationOf = (id: string) =>
    organizationId ? '' : ` · ${me?.organizations.find((one) => one.id === id)?.name ?? ''}`
  return (
    <>
      <MenuLabel>Saved views</MenuLabel>
      {views.isPending ? <span className="skeleton m-2 block h-4" /> : null}
      {views.error ? (
        <p className="px-2 py-1 text-sm text-danger">They could not be read. Open the menu again.</p>
      ) : null}
      {views.data?.length === 0 ? (
        <p className="px-2 py-1 text-sm text-faint">None yet. Filter the list, then save it under a name.</p>
      ) : null}
      {views.data?.map((view) => {
        const read = readView(view.query, viewer.userId)
        const current = searchText(read.question) === asked
        const mine = view.createdBy.id === viewer.userId
        return (
          <MenuItem
            key={view.id}
            onSelect={() => {
              onOpen(read.question, read.columns)
              if (read.left.length > 0)
                notify.info(
                  `This page cannot show all of the view “${view.name}”. It leaves out ${read.left.join(', ')}.`,
                )
            }}
          >
            <span className="min-w-0 flex-1">
              <span className="block truncate">
                <VisibleText text={view.name} />
              </span>
              {mine && organizationId ? null : (
                <span className="block truncate text-xs text-faint">
                  <VisibleText text={(mine ? 'Yours' : view.createdBy.name) + organizationOf(view.organizationId)} />
                </span>
              )}
            </span>
            {view.shared ? <Users aria-label="Shared" className="text-faint" /> : null}
            {current ? <Check aria-label="Shown now" className="text-accent" /> : null}
          </MenuItem>
        )
      })}
      <MenuSeparator />
      <MenuItem onSelect={onEdit}>
        <BookmarkPlus aria-hidden className="text-faint" /> Save or change views…
      </MenuItem>
    </>
  )
}
