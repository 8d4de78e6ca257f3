'use client'

import { X } from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import type { ReactNode } from 'react'
import { IconButton } from './button'
import { modal } from './modal'
import { useReturnOfFocus } from './use-return-of-focus'

interface Props {
  title: ReactNode
  /** A short text under the title, in small grey letters. */
  note: ReactNode
  onClose: () => void
  children: ReactNode
}

/**
 * Shows the details of a row at the right edge of the page. On a phone it covers the page. Whether it is open belongs
 * in the URL.
 */
export function Drawer({ title, note, onClose, children }: Props) {
  useReturnOfFocus()
  return (
    <Radix.Root open onOpenChange={(open) => (open ? undefined : onClose())}>
      <Radix.Portal>
        <Radix.Overlay className="enter fixed inset-0 z-30 bg-scrim" />
        <Radix.Content
          {...modal}
          // A click on a message at the edge of the screen does not close the drawer, because the message may be about
          // what the drawer shows.
          onInteractOutside={(event) => {
            if (event.target instanceof Element && event.target.closest('[data-sonner-toaster]')) event.preventDefault()
          }}
          className="enter fixed inset-y-0 right-0 z-30 flex w-full max-w-2xl flex-col border-l border-line bg-canvas text-ink shadow-pop outline-none"
        >
          <div className="flex items-start gap-3 border-b border-line bg-surface px-4 py-3">
            <div className="min-w-0 flex-1">
              <Radix.Title className="text-base font-semibold wrap-anywhere">{title}</Radix.Title>
              <Radix.Description asChild>
                <div className="mt-0.5 text-xs text-muted">{note}</div>
              </Radix.Description>
            </div>
            <Radix.Close asChild>
              <IconButton label="Close" className="-mr-1">
                <X aria-hidden />
              </IconButton>
            </Radix.Close>
          </div>
          <div className="grid min-h-0 flex-1 content-start gap-4 overflow-y-auto p-4">{children}</div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
