'use client'

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { CirclePause } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useState } from 'react'
import { Button } from '@/app/_components/button'
import { may } from '@/app/_components/may'
import { notify } from '@/app/_components/notify'
import { useScope } from '@/app/_components/shell/organization'
import { useTRPC } from '@/app/_trpc/client'
import { messageOf } from '@/app/_trpc/refusal'

const ConfirmDialog = dynamic(() => import('@/app/_components/confirm-dialog'), { ssr: false })

/**
 * Pauses the whole platform, for system admins. While it is paused, the banner at the top says so and can resume it.
 */
export function PlatformPause() {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const { viewer, organizationId, ready } = useScope()
  const [asking, setAsking] = useState(false)
  const allowed = may(viewer, 'platform.pause')
  const pauses = useQuery(
    trpc.control.list.queryOptions(organizationId ? { organizationId } : {}, { enabled: ready && allowed }),
  )
  const pause = useMutation(
    trpc.control.pause.mutationOptions({
      onSuccess: () => {
        notify.success('The platform is paused')
        setAsking(false)
        void queryClient.invalidateQueries({ queryKey: trpc.control.list.queryKey() })
      },
    }),
  )
  if (!allowed) return null
  const paused = pauses.data?.items.some(({ scope }) => scope === 'platform') ?? false
  return (
    <>
      <Button
        onClick={() => setAsking(true)}
        unavailable={paused ? 'The platform is paused already. “Resume” stands in the line at the top.' : null}
      >
        <CirclePause aria-hidden /> Pause the platform…
      </Button>
      {asking ? (
        <ConfirmDialog
          title="Pause the whole platform?"
          text="No job of any organization starts until somebody resumes it, also after restarts. Running jobs end as they would. What is submitted meanwhile waits."
          hint="Everybody who looks at jobs reads the reason."
          confirm="Pause the platform"
          danger
          busy={pause.isPending}
          error={pause.error ? messageOf(pause.error) : null}
          onConfirm={(reason) => pause.mutate({ scope: 'platform', ...(reason ? { reason } : {}) })}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </>
  )
}
