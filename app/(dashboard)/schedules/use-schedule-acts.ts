'use client'

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { notify } from '@/app/_components/notify'
import { useScope } from '@/app/_components/shell/organization'
import { useTRPC } from '@/app/_trpc/client'
import { messageOf } from '@/app/_trpc/refusal'
import type { Schedule } from '@/app/_trpc/types'

/** What can be done with a schedule at once. Whatever shows schedules is read again afterwards. */
export function useScheduleActs(schedule: Pick<Schedule, 'id' | 'name'>) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const { href } = useScope()
  const readAgain = () => queryClient.invalidateQueries({ queryKey: trpc.schedules.pathKey() })
  const onError = (error: unknown) => notify.error(messageOf(error))
  const runNow = useMutation(
    trpc.schedules.runNow.mutationOptions({
      onSuccess: (run) => {
        void readAgain()
        notify.success(`${schedule.name} was submitted`, { label: 'Open the job', href: href(`/jobs/${run.jobId}`) })
      },
      onError,
    }),
  )
  // `update` stays busy until the list shows what it did. `remove` does not: the page of the schedule is left at once.
  const update = useMutation(trpc.schedules.update.mutationOptions({ onSuccess: readAgain, onError }))
  const remove = useMutation(trpc.schedules.delete.mutationOptions({ onSuccess: () => void readAgain() }))
  return {
    runNow: () => runNow.mutate({ scheduleId: schedule.id }),
    running: runNow.isPending,
    setEnabled: (enabled: boolean) => update.mutate({ scheduleId: schedule.id, changes: { enabled } }),
    switching: update.isPending,
    /** The whole mutation, because the dialog that asks first shows its error. */
    remove,
  }
}
