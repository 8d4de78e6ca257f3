'use client'

import dynamic from 'next/dynamic'

const Sonner = dynamic(async () => (await import('sonner')).Toaster, { ssr: false })

/** Where messages appear. */
export function Toaster() {
  return (
    <Sonner
      position="bottom-right"
      toastOptions={{
        unstyled: true,
        classNames: {
          toast:
            'flex w-full items-start gap-2.5 rounded-md border border-line bg-raised px-3.5 py-3 text-sm text-ink shadow-pop [&_svg]:size-4',
          error: 'text-danger!',
          icon: 'mt-0.5 shrink-0',
        },
      }}
    />
  )
}
