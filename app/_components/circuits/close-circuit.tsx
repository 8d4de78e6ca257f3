'use client'

import { useMutation } from '@tanstack/react-query'
import dynamic from 'next/dynamic'
import { useState } from 'react'
import { useTRPC } from '@/app/_trpc/client'
import { messageOf } from '@/app/_trpc/refusal'
import type { Circuit } from '@/app/_trpc/types'
import { Button } from '../button'
import { may } from '../may'
import { notify } from '../notify'
import { AskAdmin } from '../requests/ask-admin'
import { useScope } from '../shell/organization'

const ConfirmDialog = dynamic(() => import('../confirm-dialog'), { ssr: false })

/** Closes a circuit by hand. It asks for confirmation and for a reason. */
export function CloseCircuit({ circuit, onDone }: { circuit: Circuit; onDone: () => void }) {
  const trpc = useTRPC()
  const { viewerIn, me } = useScope()
  const [asking, setAsking] = useState(false)
  const { jobType, organizationId } = circuit
  const close = useMutation(
    trpc.circuits.close.mutationOptions({
      onSuccess: () => {
        setAsking(false)
        notify.success(`The circuit of ${jobType} is closed`)
        onDone()
      },
    }),
  )
  const asMember = viewerIn(organizationId)
  const mayClose = may(asMember, 'circuits.close')
  if (me && !mayClose && may(asMember, 'requests.create'))
    return (
      <AskAdmin
        asked={{ kind: 'CLOSE_CIRCUIT', organizationId, jobType }}
        size="sm"
        label="Ask to close"
        title={`Ask to close the circuit of ${jobType}?`}
        text="Its jobs that wait would run again at once. An admin of the organization decides."
      />
    )
  const refused = !me
    ? 'Loading your role'
    : mayClose
      ? null
      : 'Only an admin of the organization closes a circuit. Ask one.'
  return (
    <>
      <Button
        size="sm"
        unavailable={refused}
        aria-label={`Close the circuit of ${jobType}`}
        onClick={() => {
          close.reset()
          setAsking(true)
        }}
      >
        Close…
      </Button>
      {asking ? (
        <ConfirmDialog
          title={`Close the circuit of ${jobType}?`}
          text="Its jobs that wait run again at once, and earlier failures no longer count. If the cause is still there they fail, and the circuit opens again."
          hint="The reason is shown beside the circuit and kept in the audit."
          confirm="Close the circuit"
          dismiss="Leave it open"
          busy={close.isPending}
          error={close.error ? messageOf(close.error) : null}
          onConfirm={(reason) => close.mutate({ organizationId, jobType, ...(reason ? { reason } : {}) })}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </>
  )
}
