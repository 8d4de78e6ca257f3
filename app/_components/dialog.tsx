'use client'

import { X } from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import type { ReactNode } from 'react'
import { IconButton } from './button'
import { cn } from './cn'
import { shown, VisibleText } from './visible-text'

interface Props {
  title: string
  text: ReactNode
  /** While something is under way the dialog cannot be closed. */
  busy: boolean
  wide?: boolean
  /** It shows what cannot be shown again: neither Escape nor a click beside it closes it, only its buttons do. */
  keep?: boolean
  /** It hides all that lies behind it, and has no way out but its own buttons. */
  covers?: boolean
  onClose: () => void
  children: ReactNode
}

/** The one look of dialogs. */
export function Dialog({ title, text, busy, wide, keep = false, covers = false, onClose, children }: Props) {
  const stays = keep || covers
  return (
    <Radix.Root open onOpenChange={(open) => (open || busy ? undefined : onClose())}>
      <Radix.Portal>
        <Radix.Overlay className={cn('fixed inset-0', covers ? 'z-50 bg-canvas' : 'enter z-40 bg-scrim')} />
        <Radix.Content
          onEscapeKeyDown={(event) => (stays ? event.preventDefault() : undefined)}
          onInteractOutside={(event) => (stays ? event.preventDefault() : undefined)}
          className={cn(
            'enter fixed inset-x-4 top-1/2 z-50 mx-auto max-h-[90dvh] -translate-y-1/2 overflow-y-auto rounded-lg border border-line bg-raised p-5 text-ink shadow-pop outline-none',
            wide ? 'max-w-xl' : 'max-w-md',
          )}
        >
          <div className="flex items-start justify-between gap-4">
            <Radix.Title className="text-lg font-semibold">
              <VisibleText text={title} />
            </Radix.Title>
            {covers ? null : (
              <Radix.Close asChild>
                <IconButton label="Close" className="-mt-0.5 -mr-1.5">
                  <X aria-hidden />
                </IconButton>
              </Radix.Close>
            )}
          </div>
          <Radix.Description className="mt-1 text-sm text-muted">{shown(text)}</Radix.Description>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

/** The buttons of a dialog. They stay in sight where the dialog is longer than the screen. */
export const DialogFoot = ({ children }: { children: ReactNode }) => (
  <div className="sticky -bottom-5 -mx-5 mt-1 -mb-5 flex flex-wrap justify-end gap-2 border-t border-line bg-raised px-5 py-3">
    {children}
  </div>
)

/** Why the server refused it. Stands above the buttons. */
export const DialogError = ({ children }: { children: ReactNode }) => (
  <p role="alert" className="mt-3 rounded bg-danger-soft px-3 py-2 text-sm text-danger wrap-anywhere">
    {shown(children)}
  </p>
)
