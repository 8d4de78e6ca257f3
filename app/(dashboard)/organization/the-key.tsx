'use client'

import type { RefObject } from 'react'
import { Button } from '@/app/_components/button'
import { CopyLine } from '@/app/_components/copy-line'
import { Dialog } from '@/app/_components/dialog'
import type { ApiKey } from '@/app/_trpc/types'

/** Shows a new key, which is never shown again, and a call with which to try it. */
export function TheKey({
  made: { apiKey, key },
  home,
  onClose,
}: {
  made: { apiKey: ApiKey; key: string }
  home: RefObject<HTMLElement | null>
  onClose: () => void
}) {
  const call = `curl ${window.location.origin}/api/trpc/session.me -H 'Authorization: Bearer ${key}'`
  return (
    <Dialog
      keep
      wide
      home={home}
      title={`The key of ${apiKey.name}, shown this once`}
      text="Only a hash of the key is kept. Put the key where the service finds its secrets. Whoever loses it makes a new one."
      busy={false}
      onClose={onClose}
    >
      <div className="mt-4 grid gap-4">
        <CopyLine name="Key" text={key} />
        <CopyLine name="Call to try it" text={call} />
        <p className="text-xs text-muted">
          The call says who the key is, and changes nothing. How jobs are submitted stands in the{' '}
          <a href="/api/docs#jobs.submit" target="_blank" rel="noreferrer" className="rounded text-accent underline">
            API documentation
          </a>{' '}
          (a new tab).
        </p>
      </div>
      <div className="mt-5 flex justify-end">
        <Button variant="primary" onClick={onClose}>
          Done
        </Button>
      </div>
    </Dialog>
  )
}
