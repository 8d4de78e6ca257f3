'use client'

import { useEffect } from 'react'
import { toast, Toaster } from 'sonner'
import { onNotices, takeNotices } from './notify'
import { VisibleText } from './visible-text'

/** The messages themselves. Loaded with the first one. */
export default function Toasts() {
  useEffect(
    () =>
      onNotices(() => {
        for (const { kind, message } of takeNotices()) toast[kind](<VisibleText text={message} />)
      }),
    [],
  )
  return (
    <Toaster
      position="bottom-right"
      toastOptions={{
        unstyled: true,
        classNames: {
          toast:
            'flex w-full items-start gap-2.5 rounded-md border border-line bg-raised px-3.5 py-3 font-sans text-sm text-ink shadow-pop [&_svg]:size-4',
          error: 'text-danger!',
          icon: 'mt-0.5 shrink-0',
        },
      }}
    />
  )
}
