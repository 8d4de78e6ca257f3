'use client'

import { X } from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import type { ReactNode, RefObject } from 'react'
import { IconButton } from './button'
import { cn } from './cn'
import { modal } from './modal'
import { useReturnOfFocus } from './use-return-of-focus'
import { visibleContent, VisibleText } from './visible-text'

interface Props {
  title: string
  text: ReactNode
  /** Something is under way. Until it is done, the cross, Escape and a click beside the dialog do not close it. */
  busy: boolean
  wide?: boolean
  /**
   * The dialog shows something that cannot be shown again. Only its buttons close it. Escape and a click beside it do
   * not.
   */
  keep?: boolean
  /** The dialog hides everything behind it. Only its own buttons close it. */
  covers?: boolean
  /** Gets the focus when the dialog closes and what opened it is not there, such as after a link or another dialog. */
  home?: RefObject<HTMLElement | null>
  onClose: () => void
  children: ReactNode
}

/** The dialog that all pages use. */
export function Dialog({ title, text, busy, wide, keep = false, covers = false, home, onClose, children }: Props) {
  const stays = keep || covers
  useReturnOfFocus(home)
  return (
    <Radix.Root open onOpenChange={(open) => (open || busy ? undefined : onClose())}>
      <Radix.Portal>
        <Radix.Overlay className={cn('fixed inset-0', covers ? 'z-50 bg-canvas' : 'enter z-40 bg-scrim')} />
        <Radix.Content
          {...modal}
          onOpenAutoFocus={focusFirstField}
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
          <Radix.Description className="mt-1 text-sm text-muted">{visibleContent(text)}</Radix.Description>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

/**
 * A person with a keyboard goes on in the first field of the dialog that takes text or is a list to choose from, and
 * not on the cross that closes the dialog. This is not done on a phone, where it would open the keyboard of the screen
 * over the dialog.
 */
function focusFirstField(event: Event) {
  const field = (event.currentTarget as HTMLElement).querySelector<HTMLElement>(
    'input:not([type=radio], [type=checkbox], [type=file]), select, textarea',
  )
  if (!field || !window.matchMedia('(pointer: fine)').matches) return
  event.preventDefault()
  field.focus()
}

/** The buttons of a dialog. They stay in sight even when the dialog is longer than the screen. */
export const DialogFoot = ({ children }: { children: ReactNode }) => (
  <div className="sticky -bottom-5 -mx-5 mt-1 -mb-5 flex flex-wrap justify-end gap-2 border-t border-line bg-raised px-5 py-3">
    {children}
  </div>
)

/** Tells why the server refused. It stands above the buttons. */
export const DialogError = ({ children }: { children: ReactNode }) => (
  <p role="alert" className="mt-3 rounded bg-danger-soft px-3 py-2 text-sm text-danger wrap-anywhere">
    {visibleContent(children)}
  </p>
)
