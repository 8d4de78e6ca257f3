import type { ReactNode } from 'react'

/** Tells below the fields of a form why the server refused, where the reason belongs to none of the fields. */
export const FormError = ({ children }: { children: ReactNode }) => (
  <p role="alert" className="rounded bg-danger-soft px-3 py-2 text-sm text-danger">
    {children}
  </p>
)
