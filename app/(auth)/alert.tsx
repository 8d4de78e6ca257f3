import { CircleAlert } from 'lucide-react'

/**
 * Tells above a form what went wrong. Without a text it takes no place. The form may name it by `id`
 * (`aria-describedby`), as the sign-in does.
 */
export function Alert({ id, text }: { id: string; text: string | null }) {
  return (
    <div aria-live="polite" className="empty:hidden">
      {text ? (
        <p id={id} role="alert" className="flex gap-2 rounded bg-danger-soft px-3 py-2 text-sm text-danger">
          <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
          {text}
        </p>
      ) : null}
    </div>
  )
}
