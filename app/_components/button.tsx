'use client'

import Link from './link'
import { LoaderCircle } from 'lucide-react'
import { useId, type ComponentProps, type ReactNode } from 'react'
import { buttonClass, iconButtonClass, type ButtonSize as Size, type ButtonVariant as Variant } from './button-class'
import { useFocusHeir } from './focus-heir'
import { notify } from './notify'
import { cn } from './cn'

interface ButtonProps extends Omit<ComponentProps<'button'>, 'disabled'> {
  variant?: Variant
  size?: Size
  /** Its work goes on. Meanwhile presses are ignored, and it keeps the focus. */
  busy?: boolean
  /**
   * Why the button cannot be used now. It can still take the focus and tells the reason. A button with `disabled` could
   * do neither, so this one has no such property.
   */
  unavailable?: string | null
}

export function Button({ ref, variant, size, busy, unavailable, className, children, onClick, ...rest }: ButtonProps) {
  const id = useId()
  // When the button vanishes while it has the focus, a control beside it gets the focus.
  const own = useFocusHeir(ref)
  const blocked = Boolean(unavailable) || busy
  return (
    <>
      <button
        type="button"
        {...rest}
        ref={own}
        className={buttonClass(variant, size, className)}
        aria-disabled={blocked || undefined}
        aria-busy={busy || undefined}
        aria-describedby={unavailable ? id : rest['aria-describedby']}
        title={unavailable ?? rest.title}
        onClick={(event) => {
          if (!blocked) return onClick?.(event)
          // A button that submits does not send its form, either.
          event.preventDefault()
          if (unavailable) notify.info(unavailable)
        }}
      >
        {busy ? <LoaderCircle className="spin" aria-hidden /> : null}
        {children}
      </button>
      {unavailable ? (
        <span id={id} className="sr-only">
          {unavailable}
        </span>
      ) : null}
    </>
  )
}

export function LinkButton({
  variant,
  size,
  className,
  ...rest
}: ComponentProps<typeof Link> & { variant?: Variant; size?: Size }) {
  return <Link {...rest} className={buttonClass(variant, size, className)} />
}

/** A button that shows only an icon. Its label is read by screen readers and appears as a tooltip. */
export function IconButton({
  ref,
  label,
  className,
  children,
  ...rest
}: ComponentProps<'button'> & { label: string; children: ReactNode }) {
  const own = useFocusHeir(ref)
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      {...rest}
      ref={own}
      className={cn(iconButtonClass, className)}
    >
      {children}
    </button>
  )
}
