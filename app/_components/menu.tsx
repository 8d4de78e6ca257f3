'use client'

import { createContext, use, useState, type ComponentProps, type ReactNode } from 'react'
import type * as Parts from './menu-parts'
import { notify } from './notify'

// The menu that all pages use. Radix's menu weighs 30 kB, and most people open no menu on most pages. So a menu is a
// plain button until it is opened for the first time. Its code is loaded when the pointer or the focus comes near.

let parts: typeof Parts | undefined
const fetchParts = async () => (parts ??= await import('./menu-parts'))
const fetchAhead = () => void fetchParts().catch(() => undefined)

/**
 * Before the menu's code is loaded, this is a function that opens the menu for the first time. After that, it tells how
 * the menu was opened.
 */
type State = ((how: Parts.Asked) => void) | Parts.Asked
const MenuState = createContext<State | null>(null)

const useMenuState = (): State => {
  const state = use(MenuState)
  if (state === null) throw new Error('the parts of a menu stand inside a Menu')
  return state
}

export function Menu({ children }: { children: ReactNode }) {
  const [asked, setAsked] = useState<Parts.Asked | null>(null)
  const open = (how: Parts.Asked) =>
    void fetchParts().then(
      () => setAsked(how),
      () => notify.error('This menu could not be loaded. Try again in a moment.'),
    )
  if (asked === null || !parts) return <MenuState value={open}>{children}</MenuState>
  return (
    <MenuState value={asked}>
      <parts.Menu>{children}</parts.Menu>
    </MenuState>
  )
}

export function MenuTrigger(props: ComponentProps<'button'>) {
  const state = useMenuState()
  if (typeof state === 'string' && parts) return <parts.MenuTrigger asked={state} {...props} />
  const open = typeof state === 'function' ? state : () => undefined
  return (
    <button
      type="button"
      aria-haspopup="menu"
      aria-expanded={false}
      data-state="closed"
      {...props}
      onPointerEnter={fetchAhead}
      onFocus={fetchAhead}
      // A click that comes from the keyboard has a `detail` of 0.
      onClick={(event) => open(event.detail === 0 ? 'keyboard' : 'pointer')}
      onKeyDown={(event) => {
        if (event.key !== 'ArrowDown') return
        event.preventDefault()
        open('keyboard')
      }}
    />
  )
}

export function MenuContent(props: ComponentProps<typeof Parts.MenuContent>) {
  return typeof useMenuState() === 'string' && parts ? <parts.MenuContent {...props} /> : null
}

// These components stand only inside a MenuContent, so the menu's code is loaded when they are drawn.
export const MenuItem = (props: ComponentProps<typeof Parts.MenuItem>) => (parts ? <parts.MenuItem {...props} /> : null)
export const MenuRadioGroup = (props: ComponentProps<typeof Parts.MenuRadioGroup>) =>
  parts ? <parts.MenuRadioGroup {...props} /> : null
export const MenuRadioItem = (props: ComponentProps<typeof Parts.MenuRadioItem>) =>
  parts ? <parts.MenuRadioItem {...props} /> : null
export const MenuCheckItem = (props: ComponentProps<typeof Parts.MenuCheckItem>) =>
  parts ? <parts.MenuCheckItem {...props} /> : null
export const MenuLabel = (props: ComponentProps<typeof Parts.MenuLabel>) =>
  parts ? <parts.MenuLabel {...props} /> : null
export const MenuSeparator = () => (parts ? <parts.MenuSeparator /> : null)
