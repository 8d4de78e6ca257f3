'use client'

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { LockKeyhole } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useRouter } from 'next/navigation'
import { may } from '@/app/_components/may'
import { notify } from '@/app/_components/notify'
import { Page } from '@/app/_components/page/page'
import { EmptyState } from '@/app/_components/page/states'
import { useScope } from '@/app/_components/shell/organization'
import { useTRPC } from '@/app/_trpc/client'
import { useJobTypes } from '@/app/_trpc/use-job-types'
import { blank } from '../editor/draft'

const ScheduleForm = dynamic(() => import('../editor/schedule-form'), { ssr: false, loading: () => <Loading /> })
const Loading = () => <span aria-label="Loading the form" className="skeleton block h-96 rounded-lg" />

/** Makes a schedule. It is for admins of the organization; others are told so. */
export function NewSchedulePage() {
  const trpc = useTRPC()
  const router = useRouter()
  const queryClient = useQueryClient()
  const { organizationId, ready, me, viewer, href } = useScope()
  const types = useJobTypes(organizationId, ready && organizationId !== undefined)
  const create = useMutation(
    trpc.schedules.create.mutationOptions({
      onSuccess: (made) => {
        void queryClient.invalidateQueries({ queryKey: trpc.schedules.pathKey() })
        notify.success(`${made.name} is scheduled`)
        router.push(href(`/schedules/${made.id}`))
      },
    }),
  )
  const allowed = may(viewer, 'schedules.manage')
  return (
    <Page back={{ path: '/schedules', label: 'Schedules' }} title="New schedule">
      {me && ready && (!organizationId || !allowed) ? (
        <EmptyState
          icon={LockKeyhole}
          title={organizationId ? 'Schedules are made by admins' : 'Choose an organization'}
          text={
            organizationId
              ? 'Their jobs belong to the organization. Ask an admin of it for a new schedule.'
              : 'A schedule belongs to one organization. Choose one above.'
          }
        />
      ) : types.data && organizationId ? (
        <ScheduleForm
          key={organizationId}
          types={types.data}
          initial={blank()}
          submit="Make the schedule"
          busy={create.isPending || create.isSuccess}
          error={create.error}
          onSubmit={(input) => create.mutate({ organizationId, ...input })}
        />
      ) : (
        <Loading />
      )}
    </Page>
  )
}
