'use client'

import { Check } from 'lucide-react'
import { DropdownMenu } from 'radix-ui'
import { useEffect, useRef, type ComponentProps, type ReactNode } from 'react'
import { cn } from './cn'

// menu.tsx loads this file when a menu is first opened. No other file imports it.

/** The menu that all pages use. It does not block the page behind it, which keeps its scroll bar and can be read. */
export const Menu = ({ children }: { children: ReactNode }) => (
  <DropdownMenu.Root modal={false}>{children}</DropdownMenu.Root>
)
export const MenuRadioGroup = DropdownMenu.RadioGroup

/** How the reader opened a menu before its code was loaded. */
export type Asked = 'pointer' | 'keyboard'

/** Takes the place of the plain button that was pressed, and opens the menu as that press would have done. */
export function MenuTrigger({ asked, ...rest }: ComponentProps<'button'> & { asked: Asked }) {
  const ref = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    // Radix begins to listen at the end of this round of effects, so the event is sent after it.
    const later = setTimeout(() => {
      ref.current?.focus()
      ref.current?.dispatchEvent(
        asked === 'keyboard'
          ? new KeyboardEvent('keydown', { key: 'ArrowDown', bubbles: true, cancelable: true })
          : new PointerEvent('pointerdown', { bubbles: true, cancelable: true, pointerType: 'mouse' }),
      )
    })
    return () => clearTimeout(later)
  }, [asked])
  return <DropdownMenu.Trigger ref={ref} {...rest} />
}

const ITEM =
  'flex min-h-8 cursor-default items-center gap-2 rounded px-2 py-1 text-sm outline-none select-none data-highlighted:bg-hover data-disabled:opacity-50 pointer-coarse:min-h-10 [&_svg]:size-4 [&_svg]:shrink-0'

export function MenuContent({
  children,
  align = 'start',
  className,
}: {
  children: ReactNode
  align?: 'start' | 'end'
  className?: string
}) {
  return (
    <DropdownMenu.Portal>
      <DropdownMenu.Content
        align={align}
        sideOffset={6}
        collisionPadding={8}
        className={cn(
          'enter z-50 max-h-(--radix-dropdown-menu-content-available-height) min-w-48 overflow-y-auto rounded-md border border-line bg-raised p-1 text-ink shadow-pop',
          className,
        )}
      >
        {children}
      </DropdownMenu.Content>
    </DropdownMenu.Portal>
  )
}

export function MenuItem({ children, onSelect }: { children: ReactNode; onSelect: () => void }) {
  return (
    <DropdownMenu.Item className={ITEM} onSelect={onSelect}>
      {children}
    </DropdownMenu.Item>
  )
}

export function MenuRadioItem({ value, children }: { value: string; children: ReactNode }) {
  return (
    <DropdownMenu.RadioItem value={value} className={ITEM}>
      <span className="min-w-0 flex-1">{children}</span>
      <span className="size-4">
        <DropdownMenu.ItemIndicator>
          <Check className="text-accent" aria-hidden />
        </DropdownMenu.ItemIndicator>
      </span>
    </DropdownMenu.RadioItem>
  )
}

/** An entry that can be chosen together with others. The menu stays open. */
export function MenuCheckItem({
  checked,
  onCheckedChange,
  children,
}: {
  checked: boolean
  onCheckedChange: (checked: boolean) => void
  children: ReactNode
}) {
  return (
    <DropdownMenu.CheckboxItem
      checked={checked}
      onCheckedChange={onCheckedChange}
      onSelect={(event) => event.preventDefault()}
      className={ITEM}
    >
      <span className="grid size-4 shrink-0 place-items-center rounded-sm border border-line-strong">
        <DropdownMenu.ItemIndicator>
          <Check aria-hidden className="size-3.5! text-accent" />
        </DropdownMenu.ItemIndicator>
      </span>
      {children}
    </DropdownMenu.CheckboxItem>
  )
}

export const MenuLabel = ({ children }: { children: ReactNode }) => (
  <DropdownMenu.Label className="px-2 pt-1.5 pb-1 text-xs font-medium text-faint">{children}</DropdownMenu.Label>
)

export const MenuSeparator = () => <DropdownMenu.Separator className="-mx-1 my-1 h-px bg-line" />
