'use client'

import { useMutation } from '@tanstack/react-query'
import ConfirmDialog from '@/app/_components/confirm-dialog'
import { notify } from '@/app/_components/notify'
import { workerName } from '@/app/_components/stuck/stuck-words'
import { useTRPC } from '@/app/_trpc/client'
import { messageOf } from '@/app/_trpc/refusal'
import type { Worker } from '@/app/_trpc/types'

/** Asks before it takes a worker out of service. A reason may be given. */
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
      text="This worker takes no new job. The jobs that it runs may go on for a while. Those that have not ended then are handed back, and another worker runs them from the beginning. Then the process of this worker ends, and its supervisor starts another."
      hint="The reason is shown beside the worker and kept in the audit."
      confirm="Drain"
      dismiss="Keep it running"
      busy={drain.isPending}
      error={drain.error ? messageOf(drain.error) : null}
      onConfirm={(reason) => drain.mutate({ workerId: worker.id, ...(reason ? { reason } : {}) })}
      onClose={onClose}
    />
  )
}
