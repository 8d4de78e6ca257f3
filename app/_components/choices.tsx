'use client'

import { useId, type ReactNode } from 'react'
import { cn } from './cn'

interface Props<T extends string> {
  legend: string
  options: readonly { value: T; label: string; note?: ReactNode }[]
  /** Null means that nothing is chosen yet. */
  value: T | null
  onChange: (value: T) => void
}

/**
 * Offers a few choices, each of which may need a sentence. They are real radio buttons, so the arrow keys work as
 * usual.
 */
export function Choices<T extends string>({ legend, options, value, onChange }: Props<T>) {
  const id = useId()
  return (
    <fieldset className="min-w-0">
      <legend className="mb-1.5 text-sm font-medium">{legend}</legend>
      <div className="divide-y divide-line overflow-hidden rounded border border-line-strong">
        {options.map((option) => (
          <label
            key={option.value}
            className={cn(
              'flex cursor-pointer items-start gap-2.5 px-3 py-2 text-sm transition-colors pointer-coarse:py-2.5',
              option.value === value ? 'bg-accent-soft' : 'hover:bg-hover',
            )}
          >
            <input
              type="radio"
              name={id}
              value={option.value}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
              aria-describedby={option.note ? `${id}-${option.value}` : undefined}
              aria-label={option.label}
              className="mt-0.5 size-4 shrink-0 accent-accent"
            />
            <span className="min-w-0">
              <span className="block font-medium">{option.label}</span>
              {option.note ? (
                <span id={`${id}-${option.value}`} className="block text-xs text-muted">
                  {option.note}
                </span>
              ) : null}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}
