'use client'

import type { ReactNode } from 'react'
import { cn } from './cn'
import { useFocusHeir } from './focus-heir'

interface Props {
  /** What is wrong, and what a press does. */
  title: string
  className?: string
  onPress: () => void
  children: ReactNode
}

/** A word or two that say what is wrong with what stands here. A press tries again, and the word goes when that helped. */
export function NoteButton({ title, className, onPress, children }: Props) {
  const button = useFocusHeir<HTMLButtonElement>()
  return (
    <button
      ref={button}
      type="button"
      title={title}
      className={cn('rounded text-warning underline pointer-coarse:py-2', className)}
      onClick={onPress}
    >
      {children}
    </button>
  )
}
