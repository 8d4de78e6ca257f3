'use client'

import { Bookmark } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useState } from 'react'
import { buttonClass } from '@/app/_components/button-class'
import { Menu, MenuContent, MenuTrigger } from '@/app/_components/menu'
import type { Question } from '../filters'

const ViewsMenu = dynamic(() => import('./views-menu'), {
  ssr: false,
  loading: () => <span className="skeleton m-1 block h-8" />,
})
const ViewsDialog = dynamic(() => import('./views-dialog'), { ssr: false })

interface Props {
  question: Question
  /** The keys of the columns that are shown. */
  columns: string[]
  onOpen: (question: Question, columns: string[] | null) => void
}

/**
 * The menu of saved views. A view is a name for filters and columns. The menu has the reader's own views and those that
 * others share.
 */
export function ViewsButton({ question, columns, onOpen }: Props) {
  const [editing, setEditing] = useState(false)
  return (
    <>
      <Menu>
        <MenuTrigger className={buttonClass('ghost')}>
          <Bookmark aria-hidden /> Views
        </MenuTrigger>
        <MenuContent align="end" className="w-72">
          <ViewsMenu question={question} onOpen={onOpen} onEdit={() => setEditing(true)} />
        </MenuContent>
      </Menu>
      {editing ? <ViewsDialog question={question} columns={columns} onClose={() => setEditing(false)} /> : null}
    </>
  )
}
