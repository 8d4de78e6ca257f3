'use client'

import { useQuery } from '@tanstack/react-query'
import { X } from 'lucide-react'
import Link from '@/app/_components/link'
import { IconButton } from '@/app/_components/button'
import { titleOf } from '@/app/_components/requests/request-words'
import { useScope } from '@/app/_components/shell/organization'
import { useTRPC } from '@/app/_trpc/client'
import { headline, receiptPath } from './bulk-words'

/** Says that the list shows the jobs of one bulk action or of one request, and links back to it. */
export default function BulkChip({
  bulkId,
  requestId,
  onClear,
}: {
  bulkId: string | null
  requestId: string | null
  onClear: () => void
}) {
  const trpc = useTRPC()
  const { href } = useScope()
  const bulk = useQuery(
    trpc.bulk.get.queryOptions({ bulkId: bulkId ?? '' }, { enabled: bulkId !== null, staleTime: 10_000 }),
  )
  const request = useQuery(
    trpc.requests.get.queryOptions({ requestId: requestId ?? '' }, { enabled: bulkId === null, staleTime: 10_000 }),
  )
  const [label, path, name] = bulkId
    ? ['Changed by', receiptPath(bulkId), bulk.data ? headline(bulk.data) : bulkId.slice(-8)]
    : ['Asked for', `/requests/${requestId}`, request.data ? titleOf(request.data) : (requestId ?? '').slice(-8)]
  return (
    <p className="mb-3 flex h-8.5 w-fit max-w-full items-center gap-2 rounded border border-accent bg-surface py-0.5 pr-1 pl-2.5 text-sm">
      <span className="shrink-0 text-muted">{label}</span>
      <Link href={href(path)} className="min-w-0 truncate rounded font-medium hover:underline">
        {name}
      </Link>
      <IconButton label="Show all jobs" onClick={onClear}>
        <X aria-hidden />
      </IconButton>
    </p>
  )
}
