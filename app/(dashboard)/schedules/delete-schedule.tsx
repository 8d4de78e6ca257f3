'use client'

import type { ReactNode } from 'react'
import { DeleteButton } from '@/app/_components/delete-button'
import type { Schedule } from '@/app/_trpc/types'
import { useScheduleActs } from './use-schedule-acts'

/** Deletes a schedule after asking. */
export function DeleteSchedule({
  schedule,
  ...rest
}: {
  schedule: Schedule
  onDone?: () => void
  children: ReactNode
}) {
  const { remove } = useScheduleActs(schedule)
  return (
    <DeleteButton
      name={schedule.name}
      kind="schedule"
      text="The schedule submits nothing more, and the history of its runs is deleted too. The jobs that it submitted stay. To stop it for a while, switch it off instead."
      busy={remove.isPending}
      error={remove.error}
      // Once the schedule is gone, its page may remove this button. Callbacks given to `mutate` are then not called.
      // The promise of `mutateAsync` still resolves. An error is shown through `error`, so it is ignored here.
      onDelete={(reason, done) =>
        void remove.mutateAsync({ scheduleId: schedule.id, reason }).then(done, () => undefined)
      }
      {...rest}
    />
  )
}
