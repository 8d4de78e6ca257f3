'use client'

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useScope } from '@/app/_components/shell/organization'
import { notify } from '@/app/_components/notify'
import { useTRPC } from '@/app/_trpc/client'
import { refusalOf } from '@/app/_trpc/refusal'
import type { JobType } from '@/app/_trpc/types'

/** Where the versions of a job type are listed. */
export const versionsPath = (name: string) => `/job-types/${encodeURIComponent(name)}?tab=versions`

interface Options {
  /** What the message says of what was saved. */
  said: (saved: JobType) => string
  onSaved: (saved: JobType) => void
}

/** Changes a job type. Whatever shows it is read again, also where somebody else has saved before. */
export function useSaveType({ said, onSaved }: Options) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const { href } = useScope()
  const readAgain = (name: string) => {
    void queryClient.invalidateQueries({ queryKey: trpc.jobTypes.get.queryKey({ name }) })
    void queryClient.invalidateQueries({ queryKey: trpc.jobTypes.list.queryKey() })
    void queryClient.invalidateQueries({ queryKey: trpc.jobTypes.versions.queryKey() })
    void queryClient.invalidateQueries({ queryKey: trpc.metrics.byType.queryKey() })
  }
  return useMutation(
    trpc.jobTypes.update.mutationOptions({
      onSuccess: (saved) => {
        queryClient.setQueryData(trpc.jobTypes.get.queryKey({ name: saved.name }), saved)
        readAgain(saved.name)
        notify.success(said(saved), { label: `Version ${saved.version}`, href: href(versionsPath(saved.name)) })
        onSaved(saved)
      },
      onError: (error, { name }) => {
        if (refusalOf(error)?.reason === 'CHANGED_MEANWHILE') readAgain(name)
      },
    }),
  )
}
