'use client'

import { Tabs as Radix } from 'radix-ui'
import type { ReactNode } from 'react'

interface Props<T extends string> {
  /** What the tabs are about, for screen readers. */
  label: string
  tabs: readonly { value: T; label: string; note?: ReactNode }[]
  value: T
  onChange: (value: T) => void
  /** The content of the chosen tab. */
  children: ReactNode
}

/**
 * Parts of one page, of which one is shown at a time. Which one belongs in the URL. The arrow keys move between tabs.
 */
export function Tabs<T extends string>({ label, tabs, value, onChange, children }: Props<T>) {
  return (
    <Radix.Root value={value} onValueChange={(next) => onChange(next as T)}>
      <Radix.List
        aria-label={label}
        className="mb-4 flex gap-1 overflow-x-auto border-b border-line p-1 pb-0 [scrollbar-width:none]"
      >
        {tabs.map((tab) => (
          <Radix.Trigger
            key={tab.value}
            value={tab.value}
            className="flex h-9 items-center gap-1.5 border-b-2 border-transparent px-2.5 text-sm font-medium whitespace-nowrap text-muted -outline-offset-2 transition-colors hover:text-ink data-[state=active]:border-accent data-[state=active]:text-ink pointer-coarse:h-11"
          >
            {tab.label}
            {tab.note === undefined ? null : <span className="text-xs text-faint tabular-nums">{tab.note}</span>}
          </Radix.Trigger>
        ))}
      </Radix.List>
      <Radix.Content value={value} className="rounded outline-offset-4">
        {children}
      </Radix.Content>
    </Radix.Root>
  )
}
