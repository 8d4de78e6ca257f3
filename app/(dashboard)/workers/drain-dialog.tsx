'use client'

import { useMutation } from '@tanstack/react-query'
import ConfirmDialog from '@/app/_components/confirm-dialog'
import { notify } from '@/app/_components/notify'
import { workerName } from '@/app/_components/stuck/stuck-words'
import { useTRPC } from '@/app/_trpc/client'
import { messageOf } from '@/app/_trpc/refusal'
import type { Worker } from '@/app/_trpc/types'

/** Asks for a reason, and takes a worker out of service. */
export default function DrainDialog({
  worker,
  onClose,
  onDone,
}: {
  worker: Worker
  onClose: () => void
  onDone: () => void
}) {
  const trpc = useTRPC()
  const name = `${worker.host ?? 'worker'} ${workerName(worker.id)}`
  const drain = useMutation(
    trpc.workers.drain.mutationOptions({
      onSuccess: () => {
        notify.success(`${name} is draining`)
        onDone()
      },
    }),
  )
  return (
    <ConfirmDialog
      title={`Drain ${name}?`}
      text="It takes no new job. What it runs may go on for a while; what has not ended then is handed back, and another worker runs it from the beginning. Its process ends, and its supervisor starts another."
      hint="It stands beside the worker, and in the audit."
      confirm="Drain"
      dismiss="Keep it running"
      busy={drain.isPending}
      error={drain.error ? messageOf(drain.error) : null}
      onConfirm={(reason) => drain.mutate({ workerId: worker.id, ...(reason ? { reason } : {}) })}
      onClose={onClose}
    />
  )
}
