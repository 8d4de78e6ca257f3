'use client'

import { cn } from './cn'

interface Props {
  /** What it switches, for those who do not see where it stands. */
  label: string
  on: boolean
  busy?: boolean
  onChange: (on: boolean) => void
}

/** Switches something on or off at once. Beside it stands which of the two it is. */
export function Switch({ label, on, busy = false, onChange }: Props) {
  return (
    <button
      type="button"
      role="switch"
      aria-checked={on}
      aria-label={label}
      aria-busy={busy || undefined}
      onClick={() => (busy ? undefined : onChange(!on))}
      className="inline-flex h-control items-center gap-2 rounded px-1 text-xs text-muted hover:text-ink pointer-coarse:h-10"
    >
      <span
        aria-hidden
        className={cn(
          'relative inline-block h-4.5 w-8 shrink-0 rounded-full border transition-colors',
          on ? 'border-primary bg-primary' : 'border-line-strong bg-sunken',
        )}
      >
        <span
          className={cn(
            'absolute top-0.5 size-3 rounded-full transition-[left]',
            on ? 'left-4 bg-primary-ink' : 'left-0.5 bg-faint',
          )}
        />
      </span>
      <span aria-hidden>{on ? 'On' : 'Off'}</span>
    </button>
  )
}
