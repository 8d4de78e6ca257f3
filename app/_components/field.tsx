import { ChevronDown } from 'lucide-react'
import type { ComponentProps, ReactNode } from 'react'
import { cn } from './cn'
import { visibleContent } from './visible-text'

// The fields of forms: a label, a control, and a line that says what it is for or what is wrong.

/** The look of all controls. A phone would enlarge the page at a field whose letters are below 16 px (`text-lg`). */
const CONTROL =
  'w-full min-w-0 rounded border border-line-strong bg-surface px-2.5 text-sm text-ink transition-colors disabled:opacity-60 aria-invalid:border-danger pointer-coarse:text-lg'

/** A text field. A `tall` one is as high as a large button, for the forms that sign a person in. */
export function Input({ className, tall, ...rest }: ComponentProps<'input'> & { tall?: boolean }) {
  return <input {...rest} className={cn(CONTROL, tall ? 'h-10' : 'h-control pointer-coarse:h-10', className)} />
}

export function Textarea({ className, mono, ...rest }: ComponentProps<'textarea'> & { mono?: boolean }) {
  return <textarea {...rest} className={cn(CONTROL, 'py-1.5', mono && 'font-mono text-xs/5', className)} />
}

/**
 * A list to choose from, drawn by the browser. It works best on phones and needs no script. `className` goes to the
 * span around the control.
 */
export function Select({ className, children, ...rest }: ComponentProps<'select'>) {
  return (
    <span className={cn('relative block', className)}>
      <select {...rest} className={cn(CONTROL, 'h-control appearance-none pr-8 pointer-coarse:h-10')}>
        {children}
      </select>
      <ChevronDown
        aria-hidden
        className="pointer-events-none absolute top-1/2 right-2.5 size-4 -translate-y-1/2 text-faint"
      />
    </span>
  )
}

interface FieldProps {
  label: ReactNode
  id: string
  required?: boolean
  hint?: ReactNode
  error?: string | null
  children: ReactNode
  className?: string
}

/**
 * A label, its control, and one line below. The line tells what is wrong with the value, or else what the value is for.
 */
export function Field({ label, id, required, hint, error, children, className }: FieldProps) {
  return (
    <div className={cn('grid content-start gap-1.5', className)}>
      <label htmlFor={id} className="text-sm font-medium">
        {visibleContent(label)}
        {required ? (
          <span aria-hidden className="ml-0.5 text-danger">
            *
          </span>
        ) : null}
      </label>
      {children}
      <FieldNote id={id} hint={hint} error={error} />
    </div>
  )
}

/** The line below a control. An error takes the place of the hint, and is then an alert. */
export function FieldNote({ id, hint, error }: { id: string; hint?: ReactNode; error?: string | null }) {
  if (!error && !hint) return null
  return (
    <p
      id={`${id}-note`}
      className={cn('text-xs', error ? 'text-danger' : 'text-faint')}
      role={error ? 'alert' : undefined}
    >
      {visibleContent(error ?? hint)}
    </p>
  )
}

/** Connects a control with the note below it, for screen readers. Of `hint` it only matters whether there is one. */
export const describedByNote = (id: string, hint: unknown, error: string | null | undefined) => ({
  'aria-describedby': hint || error ? `${id}-note` : undefined,
  'aria-invalid': error ? (true as const) : undefined,
})
