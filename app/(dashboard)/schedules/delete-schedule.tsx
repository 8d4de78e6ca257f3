'use client'

import dynamic from 'next/dynamic'
import { useState, type ReactNode } from 'react'
import { Button } from '@/app/_components/button'
import { messageOf } from '@/app/_trpc/refusal'
import type { Schedule } from '@/app/_trpc/types'
import { useScheduleActs } from './use-schedule-acts'

const ConfirmDialog = dynamic(() => import('@/app/_components/confirm-dialog'), { ssr: false })

/** Deletes a schedule after asking. */
export function DeleteSchedule({
  schedule,
  onDone,
  children,
}: {
  schedule: Schedule
  onDone?: () => void
  children: ReactNode
}) {
  const [asking, setAsking] = useState(false)
  const { remove } = useScheduleActs(schedule)
  return (
    <>
      <Button size="sm" onClick={() => setAsking(true)} title="Delete" aria-label={`Delete ${schedule.name}`}>
        {children}
      </Button>
      {asking ? (
        <ConfirmDialog
          title={`Delete ${schedule.name}?`}
          text="Nothing more is submitted, and the history of its runs goes with it. The jobs that it submitted stay. To stop it for a while, switch it off instead."
          confirm="Delete schedule"
          danger
          hint="It is kept in the audit."
          busy={remove.isPending}
          error={remove.error ? messageOf(remove.error) : null}
          onConfirm={(reason) =>
            remove.mutate(
              { scheduleId: schedule.id, reason },
              {
                onSuccess: () => {
                  setAsking(false)
                  onDone?.()
                },
              },
            )
          }
          onClose={() => setAsking(false)}
        />
      ) : null}
    </>
  )
}
