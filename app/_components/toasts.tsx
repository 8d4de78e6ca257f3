'use client'

import { useEffect } from 'react'
import { toast, Toaster } from 'sonner'
import Link from './link'
import { onNotices, takeNotices, type Notice } from './notify'
import { VisibleText } from './visible-text'

/** A message with links stays for longer, so that somebody who uses the keyboard has time to reach them. */
const LONG_MS = 10_000

/** Draws the short messages. Its code is loaded with the first message. */
export default function Toasts() {
  useEffect(
    () =>
      onNotices(() => {
        for (const notice of takeNotices())
          toast[notice.kind](<Message notice={notice} />, { duration: notice.links.length > 0 ? LONG_MS : undefined })
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

const Message = ({ notice: { message, links } }: { notice: Notice }) => (
  <span>
    <span>
      <VisibleText text={message} />
    </span>
    {links.map(({ href, label }) => (
      <Link key={href} href={href} className="ml-2 rounded font-medium whitespace-nowrap text-accent underline">
        {label}
      </Link>
    ))}
  </span>
)
