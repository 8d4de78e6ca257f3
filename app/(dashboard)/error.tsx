'use client'

import { CircleX } from 'lucide-react'
import { EmptyState } from '@/app/_components/page/states'

// What a page of the dashboard shows when it breaks.

export default function DashboardError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <EmptyState
      page
      role="alert"
      icon={CircleX}
      tone="bg-danger-soft text-danger"
      title="This page broke"
      text={
        error.digest ? `It was logged as ${error.digest}.` : 'Load it again; if it breaks once more, tell an admin.'
      }
      action={{ label: 'Load again', onClick: reset }}
    />
  )
}
