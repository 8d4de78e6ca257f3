'use client'

import { cn } from './cn'

interface Props<T extends string> {
  label: string
  options: readonly { value: T; label: string }[]
  /** The chosen value. Null where none of the options applies. */
  value: T | null
  onChange: (value: T) => void
}

/** Offers a few choices, all in sight. They are real radio buttons, so the arrow keys work as usual. */
export function Segmented<T extends string>({ label, options, value, onChange }: Props<T>) {
  return (
    <fieldset className="inline-flex rounded border border-line bg-sunken p-0.5">
      <legend className="sr-only">{label}</legend>
      {options.map((option) => (
        <label
          key={option.value}
          className={cn(
            'relative flex h-6.5 min-w-9 cursor-pointer items-center justify-center rounded-sm px-2 text-xs font-medium transition-colors pointer-coarse:h-9 pointer-coarse:min-w-11',
            'has-focus-visible:outline-2 has-focus-visible:outline-accent',
            option.value === value ? 'bg-surface text-ink shadow-card' : 'text-muted hover:text-ink',
          )}
        >
          <input
            type="radio"
            name={label}
            className="absolute inset-0 cursor-pointer opacity-0"
            checked={option.value === value}
            onChange={() => onChange(option.value)}
          />
          {option.label}
        </label>
      ))}
    </fieldset>
  )
}
