'use client'

import { Hand } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useState, type ReactNode } from 'react'
import { Button } from '../button'
import type { Asked } from './ask-admin-dialog'

const AskAdminDialog = dynamic(() => import('./ask-admin-dialog'), { ssr: false })

interface Props {
  asked: Asked
  /** The label of the button, such as "Ask to cancel". */
  label: string
  title: string
  text: ReactNode
  size?: 'sm'
}

/** A button in place of a refusal. With it a person asks an admin to do what they may not do themselves. */
export function AskAdmin({ asked, label, title, text, size }: Props) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button size={size} onClick={() => setOpen(true)}>
        <Hand aria-hidden /> {label}
      </Button>
      {open ? <AskAdminDialog asked={asked} title={title} text={text} onClose={() => setOpen(false)} /> : null}
    </>
  )
}
