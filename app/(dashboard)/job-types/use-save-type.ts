'use client'

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useScope } from '@/app/_components/shell/organization'
import { notify } from '@/app/_components/notify'
import { useTRPC } from '@/app/_trpc/client'
import { refusalOf } from '@/app/_trpc/refusal'
import type { JobType } from '@/app/_trpc/types'

/** The address of the list of versions of a job type. */
export const versionsPath = (name: string) => `/job-types/${encodeURIComponent(name)}?tab=versions`

interface Options {
  /** The message after saving. */
  said: (saved: JobType) => string
  onSaved: (saved: JobType) => void
}

/**
 * Saves changes of a job type. Afterwards everything that shows it is read again, also when somebody else had saved
 * before.
 */
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
