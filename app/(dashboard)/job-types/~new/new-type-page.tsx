'use client'

import { LockKeyhole } from 'lucide-react'
import dynamic from 'next/dynamic'
import { may } from '@/app/_components/may'
import { Page } from '@/app/_components/page/page'
import { EmptyState } from '@/app/_components/page/states'
import { useScope } from '@/app/_components/shell/organization'
import { useTypeRows } from '../use-type-rows'

const NewType = dynamic(() => import('./new-type'), {
  ssr: false,
  loading: () => <span aria-label="Loading the form" className="skeleton block h-96 rounded-lg" />,
})

/** Creates a job type. Only system admins may do it, and others are told so. */
export function NewTypePage() {
  const { viewer, me } = useScope()
  const { rows } = useTypeRows()
  const handlers = [...new Set((rows ?? []).map(({ type }) => type.handler))].sort()
  const pools = [...new Set((rows ?? []).map(({ type }) => type.pool))].sort()
  return (
    <Page back={{ path: '/job-types', label: 'Job types' }} title="New job type">
      {may(viewer, 'jobTypes.write') ? (
        <NewType handlers={handlers} pools={pools} />
      ) : me ? (
        <EmptyState
          icon={LockKeyhole}
          title="Job types are made by system admins"
          text="They belong to the whole platform. Ask a system admin for a new one."
        />
      ) : (
        <span aria-label="Loading the form" className="skeleton block h-96 rounded-lg" />
      )}
    </Page>
  )
}
