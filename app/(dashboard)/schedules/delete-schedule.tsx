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
      // The page of a schedule that is gone may take this button away before the answer. A promise is told all the same.
      onDelete={(reason, done) =>
        void remove.mutateAsync({ scheduleId: schedule.id, reason }).then(done, () => undefined)
      }
      {...rest}
    />
  )
}
