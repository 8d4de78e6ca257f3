'use client'

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { LockKeyhole } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useRouter } from 'next/navigation'
import type { Json } from '@/app/_components/forms/json'
import { may } from '@/app/_components/may'
import { notify } from '@/app/_components/notify'
import { Page } from '@/app/_components/page/page'
import { EmptyState } from '@/app/_components/page/states'
import { useScope } from '@/app/_components/shell/organization'
import { useTRPC } from '@/app/_trpc/client'
import type { JobType, Schedule, ScheduleInput } from '@/app/_trpc/types'
import { useFirstAnswer, WHEN_OPENED } from '@/app/_trpc/use-first-answer'
import { useJobTypes } from '@/app/_trpc/use-job-types'
import { changedSettings, draftOf } from '../../editor/draft'

const Loading = () => <span aria-label="Loading the form" className="skeleton block h-96 rounded-lg" />
const ScheduleForm = dynamic(() => import('../../editor/schedule-form'), { ssr: false, loading: Loading })

/** Changes a schedule. */
export function EditSchedulePage({ scheduleId }: { scheduleId: string }) {
  const trpc = useTRPC()
  const { me, ready, viewer } = useScope()
  const query = useQuery(trpc.schedules.get.queryOptions({ scheduleId }, WHEN_OPENED))
  const schedule = useFirstAnswer(query)
  const types = useJobTypes(query.data?.organizationId, query.data !== undefined)
  const allowed = may(viewer, 'schedules.manage')
  return (
    <Page
      back={{ path: `/schedules/${scheduleId}`, label: query.data?.name ?? 'Schedule' }}
      title={query.data ? `Change ${query.data.name}` : 'Change a schedule'}
      error={schedule ? null : query.error}
      onRetry={() => void query.refetch()}
    >
      {me && ready && !allowed ? (
        <EmptyState
          icon={LockKeyhole}
          title="Schedules are changed by admins"
          text="Their jobs belong to the organization. Ask an admin of it to change this one."
        />
      ) : schedule && types.data ? (
        <Edit schedule={schedule} types={types.data} />
      ) : (
        <Loading />
      )}
    </Page>
  )
}

function Edit({ schedule, types }: { schedule: Schedule; types: JobType[] }) {
  const trpc = useTRPC()
  const router = useRouter()
  const queryClient = useQueryClient()
  const { href } = useScope()
  const page = href(`/schedules/${schedule.id}`)
  const update = useMutation(
    trpc.schedules.update.mutationOptions({
      onSuccess: (changed) => {
        void queryClient.invalidateQueries({ queryKey: trpc.schedules.pathKey() })
        notify.success(`${changed.name} was changed`)
        router.push(page)
      },
    }),
  )
  const save = ({ parameters, ...settings }: Omit<ScheduleInput, 'organizationId' | 'enabled'>) => {
    const changes: Partial<ScheduleInput> = changedSettings(draftOf(schedule), settings)
    // Parameters belong to their job type, so with another type they are sent even where they look the same.
    if (changes.jobType !== undefined || JSON.stringify(parameters) !== JSON.stringify(schedule.parameters))
      changes.parameters = parameters
    if (Object.keys(changes).length > 0) return update.mutate({ scheduleId: schedule.id, changes })
    notify.info('Nothing was changed.')
    router.push(page)
  }
  return (
    <ScheduleForm
      types={types}
      initial={draftOf(schedule)}
      parameters={schedule.parameters as Json}
      submit="Save"
      busy={update.isPending || update.isSuccess}
      error={update.error}
      onSubmit={save}
    />
  )
}
