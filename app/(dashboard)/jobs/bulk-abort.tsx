'use client'

import { useMutation, useQueryClient } from '@tanstack/react-query'
import dynamic from 'next/dynamic'
import { useState } from 'react'
import { Button } from '@/app/_components/button'
import { may } from '@/app/_components/may'
import { notify } from '@/app/_components/notify'
import { useScope } from '@/app/_components/shell/organization'
import { useTRPC } from '@/app/_trpc/client'
import { messageOf } from '@/app/_trpc/refusal'
import type { BulkAction } from '@/app/_trpc/types'

const ConfirmDialog = dynamic(() => import('@/app/_components/confirm-dialog'), { ssr: false })

/** Stops a running bulk action. It asks for confirmation. It shows nothing to a person who may not stop it. */
export function AbortBulk({ bulk }: { bulk: BulkAction }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const viewer = useScope().viewerIn(bulk.organizationId)
  const [asking, setAsking] = useState(false)
  const abort = useMutation(
    trpc.bulk.abort.mutationOptions({
      onSuccess: (next) => {
        setAsking(false)
        notify.success('Stopped')
        queryClient.setQueryData(trpc.bulk.get.queryKey({ bulkId: bulk.id }), next)
        void queryClient.invalidateQueries({ queryKey: trpc.bulk.list.pathKey() })
      },
    }),
  )
  const own = bulk.requestedBy.type === 'user' && bulk.requestedBy.id === viewer.userId
  if (!may(viewer, 'bulk.abort', own)) return null
  return (
    <>
      <Button size="sm" onClick={() => (abort.reset(), setAsking(true))}>
        Stop
      </Button>
      {asking ? (
        <ConfirmDialog
          title="Stop this bulk action?"
          text="Jobs that were changed already stay changed. The others are left as they are."
          hint="The reason is kept in the audit."
          confirm="Stop it"
          danger
          busy={abort.isPending}
          error={abort.error ? messageOf(abort.error) : null}
          onConfirm={(reason) => abort.mutate({ bulkId: bulk.id, ...(reason ? { reason } : {}) })}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </>
  )
}
