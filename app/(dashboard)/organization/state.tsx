'use client'

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { CirclePause, CirclePlay, OctagonPause, type LucideIcon } from 'lucide-react'
import dynamic from 'next/dynamic'
import Link from '@/app/_components/link'
import { useState, type ReactNode } from 'react'
import { AuditLink } from '@/app/_components/audit-link'
import { Button } from '@/app/_components/button'
import { cn } from '@/app/_components/cn'
import { may } from '@/app/_components/may'
import { notify } from '@/app/_components/notify'
import { RelativeTime } from '@/app/_components/relative-time'
import { sentence } from '@/app/_components/sentence'
import { useScope } from '@/app/_components/shell/organization'
import { VisibleText } from '@/app/_components/visible-text'
import { useTRPC } from '@/app/_trpc/client'
import { messageOf } from '@/app/_trpc/refusal'
import type { OrganizationSettings, Pause } from '@/app/_trpc/types'

const PauseDialog = dynamic(() => import('@/app/_components/shell/pause-dialog'), { ssr: false })
const StandingDialog = dynamic(() => import('./standing-dialog'), { ssr: false })

/**
 * Tells whether the organization's jobs run. It may be active, paused by an admin of it or a system admin, or suspended
 * by a system admin.
 */
export function State({ settings }: { settings: OrganizationSettings }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const { viewer } = useScope()
  const [asking, setAsking] = useState<'pause' | 'suspend' | 'resume' | null>(null)
  const list = trpc.control.list.queryOptions({ organizationId: settings.id })
  const pauses = useQuery(list)
  const readPauses = () => void queryClient.invalidateQueries({ queryKey: trpc.control.list.queryKey() })
  const resume = useMutation(
    trpc.control.resume.mutationOptions({
      onSuccess: () => {
        notify.success('Resumed')
        readPauses()
      },
      onError: (error) => notify.error(messageOf(error)),
    }),
  )
  const paused = pauses.data?.items.find(({ scope }) => scope === 'organization')
  const suspended = settings.status === 'SUSPENDED'
  const mayPause = may(viewer, 'organization.pause')
  const maySuspend = may(viewer, 'organizations.write')
  return (
    <>
      <div className="grid gap-3">
        {suspended ? <Suspended settings={settings} /> : null}
        {suspended ? <AuditLink kind="organization" object={settings.id} action="organization.suspend" /> : null}
        {paused ? <Paused pause={paused} act={may(viewer, 'audit.read') ? paused.auditId : null} /> : null}
        {!suspended && !paused ? (
          <Line icon={CirclePlay} tone="text-completed" title="Active">
            Jobs are taken in, and run.
          </Line>
        ) : null}
      </div>
      <div className="mt-4 flex flex-wrap gap-2">
        {mayPause ? (
          paused ? (
            <Button
              busy={resume.isPending}
              onClick={() => resume.mutate({ scope: 'organization', organizationId: settings.id })}
            >
              Resume
            </Button>
          ) : (
            <Button onClick={() => setAsking('pause')}>Pause…</Button>
          )
        ) : null}
        {maySuspend ? (
          <Button onClick={() => setAsking(suspended ? 'resume' : 'suspend')}>
            {suspended ? 'End the suspension…' : 'Suspend…'}
          </Button>
        ) : null}
      </div>
      {asking === 'pause' ? (
        <PauseDialog
          organization={settings}
          onClose={() => {
            setAsking(null)
            readPauses()
          }}
        />
      ) : asking ? (
        <StandingDialog act={asking} settings={settings} onClose={() => setAsking(null)} />
      ) : null}
    </>
  )
}

function Suspended({ settings: { suspendedAt, suspendReason } }: { settings: OrganizationSettings }) {
  return (
    <Line icon={OctagonPause} tone="text-danger" title="Suspended by the platform">
      {suspendedAt ? (
        <>
          Since <RelativeTime at={suspendedAt} />
        </>
      ) : (
        'Now'
      )}
      <VisibleText text={suspendReason ? `: ${sentence(suspendReason)}` : '.'} /> Waiting jobs wait, nothing is
      submitted or retried, and results are withheld from members.
    </Line>
  )
}

/** @param act the id of the pause's entry in the audit. Null where this person may not read it. */
function Paused({ pause: { pausedAt, pausedBy, reason }, act }: { pause: Pause; act: string | null }) {
  const { href } = useScope()
  return (
    <Line icon={CirclePause} tone="text-warning" title="Paused">
      <VisibleText text={`By ${pausedBy.name}, `} />
      <RelativeTime at={pausedAt} />
      <VisibleText text={reason ? `: ${sentence(reason)}` : '.'} /> Waiting jobs stay waiting, and what is submitted
      waits too.
      {act ? (
        <>
          {' '}
          <Link href={href(`/audit?entry=${act}`)} prefetch={false} className="rounded text-accent hover:underline">
            See the audit entry
          </Link>
        </>
      ) : null}
    </Line>
  )
}

function Line({
  icon: Icon,
  tone,
  title,
  children,
}: {
  icon: LucideIcon
  tone: string
  title: string
  children: ReactNode
}) {
  return (
    <div className="flex gap-2.5 text-sm">
      <Icon aria-hidden className={cn('mt-0.5 size-4 shrink-0', tone)} />
      <div className="min-w-0">
        <p className={cn('font-medium', tone)}>{title}</p>
        <p className="wrap-anywhere text-muted">{children}</p>
      </div>
    </div>
  )
}
