'use client'

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import dynamic from 'next/dynamic'
import { useState } from 'react'
import { Button } from '@/app/_components/button'
import { Card } from '@/app/_components/card'
import { DialogError } from '@/app/_components/dialog'
import { Field, Textarea } from '@/app/_components/field'
import type { BulkKind } from '@/app/_components/job-status'
import { may } from '@/app/_components/may'
import { notify } from '@/app/_components/notify'
import { confirmOf, isAboutJobs, isDangerous, titleOf } from '@/app/_components/requests/request-words'
import { useScope } from '@/app/_components/shell/organization'
import { useTRPC } from '@/app/_trpc/client'
import { messageOf } from '@/app/_trpc/refusal'
import type { AdminRequest, Forecast } from '@/app/_trpc/types'
import { receiptPath } from '../../jobs/bulk-words'
import { ForecastLines } from '../../jobs/forecast-lines'
import { whatRequestWouldDo } from './would-do'

const ConfirmDialog = dynamic(() => import('@/app/_components/confirm-dialog'), { ssr: false })
/** Its jobs may change meanwhile, so what the request would do is read again at this interval. */
const READ_AGAIN_MS = 15_000

/**
 * For an admin what an open request would do, and the buttons that decide it. For the person who made it, a button that
 * takes it back. Nothing for others.
 */
export function Decision({ request, onChanged }: { request: AdminRequest; onChanged: () => void }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const { viewer, href, me } = useScope()
  const [declining, setDeclining] = useState(false)
  const [note, setNote] = useState('')
  const changed = () => {
    setDeclining(false)
    void queryClient.invalidateQueries({ queryKey: trpc.requests.pathKey() })
    onChanged()
  }
  const decide = useMutation(
    trpc.requests.decide.mutationOptions({
      onSuccess: ({ status, bulkId }) => {
        if (status === 'DONE')
          notify.success('Done as asked', bulkId ? { label: 'Receipt', href: href(receiptPath(bulkId)) } : undefined)
        else notify.info('Declined')
        changed()
      },
      // Somebody else may have decided, so the request is read again.
      onError: onChanged,
    }),
  )
  const withdraw = useMutation(
    trpc.requests.withdraw.mutationOptions({
      onSuccess: () => {
        notify.info('Taken back')
        changed()
      },
      onError: onChanged,
    }),
  )
  // The page may show another organization than that of the request. The role in the latter counts.
  const role = me?.organizations.find(({ id }) => id === request.organizationId)?.role ?? viewer.role
  const decides = may({ ...viewer, role }, 'requests.decide')
  const open = request.status === 'OPEN'
  const preview = useQuery(
    trpc.requests.preview.queryOptions(
      { requestId: request.id },
      { enabled: open && decides && isAboutJobs(request.kind), refetchInterval: READ_AGAIN_MS, staleTime: 0 },
    ),
  )
  const own = request.askedBy.type === 'user' && request.askedBy.id === viewer.userId
  if (!open || !(decides || own)) return null
  // Limits belong to the platform: an admin of the organization sees the request, and may decline it.
  const notMine =
    request.kind === 'CHANGE_LIMIT' && !may(viewer, 'organizations.write') ? 'Only system admins change limits.' : null
  const foreseen = isAboutJobs(request.kind) ? foresee(request.kind, preview.data, preview.error) : null
  const error = decide.error ?? withdraw.error
  return (
    <Card
      id="decision"
      title={
        decides
          ? 'Your decision'
          : request.kind === 'CHANGE_LIMIT'
            ? 'It waits for a system admin'
            : 'It waits for an admin'
      }
    >
      {decides ? (
        <div className="grid gap-4">
          <p className="text-sm" aria-live="polite">
            {foreseen?.text ?? notMine ?? 'It is done at once, with your right. The audit names both of you.'}
          </p>
          {preview.data && isAboutJobs(request.kind) ? (
            <ForecastLines kind={request.kind.toLowerCase() as BulkKind} forecast={preview.data} />
          ) : null}
          <Field id="note" label="Note" hint="Optional. Whoever asked reads it.">
            <Textarea
              id="note"
              rows={2}
              maxLength={500}
              value={note}
              onChange={(event) => setNote(event.target.value)}
            />
          </Field>
        </div>
      ) : (
        <p className="text-sm text-muted">The admins of the organization see it. You read here what they decide.</p>
      )}
      {error && !declining ? <DialogError>{messageOf(error)}</DialogError> : null}
      <div className="mt-4 flex flex-wrap justify-end gap-2">
        {own ? (
          <Button busy={withdraw.isPending} onClick={() => withdraw.mutate({ requestId: request.id })}>
            Take it back
          </Button>
        ) : null}
        {decides ? (
          <>
            <Button onClick={() => (decide.reset(), setDeclining(true))}>Decline…</Button>
            <Button
              variant={isDangerous(request.kind) ? 'danger' : 'primary'}
              busy={decide.isPending && !declining}
              unavailable={foreseen?.none ?? notMine}
              onClick={() =>
                decide.mutate({
                  requestId: request.id,
                  decision: 'fulfil',
                  ...(note.trim() ? { reason: note.trim() } : {}),
                })
              }
            >
              {confirmOf(request)}
            </Button>
          </>
        ) : null}
      </div>
      {declining ? (
        <ConfirmDialog
          title="Decline this request?"
          text={`“${titleOf(request)}” is not done, and ${request.askedBy.name} reads why.`}
          hint="Whoever asked reads the reason."
          needsReason
          confirm="Decline it"
          busy={decide.isPending}
          error={decide.error ? messageOf(decide.error) : null}
          onConfirm={(reason) =>
            decide.mutate({ requestId: request.id, decision: 'decline', ...(reason ? { reason } : {}) })
          }
          onClose={() => setDeclining(false)}
        />
      ) : null}
    </Card>
  )
}

/**
 * What a request about jobs would do, and why it cannot be done (`none`, null where it can). It can only be done once
 * its effect is known.
 */
function foresee(kind: 'CANCEL' | 'RETRY' | 'DELETE', forecast: Forecast | undefined, error: unknown) {
  if (forecast) return whatRequestWouldDo(kind, forecast)
  if (error)
    return { text: `What it would do is not known: ${messageOf(error)}`, none: 'What it would do is not known.' }
  return { text: 'Looking at what it would do…', none: 'Looking at what it would do.' }
}
