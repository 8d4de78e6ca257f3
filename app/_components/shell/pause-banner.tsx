'use client'

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { PauseCircle } from 'lucide-react'
import dynamic from 'next/dynamic'
import Link from '../link'
import { Button } from '../button'
import { may } from '../may'
import { notify } from '../notify'
import { RelativeTime } from '../relative-time'
import { sentence } from '../sentence'
import { useTRPC } from '@/app/_trpc/client'
import { messageOf } from '@/app/_trpc/refusal'
import type { Pause } from '@/app/_trpc/types'
import { useScope } from './organization'
import { VisibleText } from '@/app/_components/visible-text'

// Few people need this button, and the banner stands on every page. So its code is loaded only when needed.
const AskAdmin = dynamic(() => import('../requests/ask-admin').then((m) => m.AskAdmin), { ssr: false })

/**
 * Tells above the page what somebody has paused: who, when and why, with a link to the audit entry for those who may
 * read it.
 */
export function PauseBanner({ pauses }: { pauses: Pause[] }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const { me, viewer, viewerIn, href } = useScope()
  const inItsOrganization = ({ organizationId }: Pause) => (organizationId ? viewerIn(organizationId) : viewer)
  const resume = useMutation(
    trpc.control.resume.mutationOptions({
      onSuccess: () => {
        notify.success('Resumed')
        void queryClient.invalidateQueries({ queryKey: trpc.control.list.queryKey() })
      },
      onError: (error) => notify.error(messageOf(error)),
    }),
  )
  if (pauses.length === 0) return null
  return (
    <div className="mb-4 grid gap-2">
      {pauses.map((pause) => (
        <div
          key={`${pause.scope} ${pause.jobType ?? pause.organizationId ?? ''}`}
          role="status"
          className="flex flex-wrap items-center gap-x-3 gap-y-1.5 rounded-md bg-warning-soft px-3 py-1.5 text-sm text-warning"
        >
          <PauseCircle aria-hidden className="size-4 shrink-0" />
          <span className="min-w-0 flex-1 basis-64 wrap-anywhere">
            <VisibleText text={nameOf(pause, me?.organizations)} /> paused by <VisibleText text={pause.pausedBy.name} />{' '}
            <RelativeTime at={pause.pausedAt} />
            <VisibleText text={pause.reason ? `: ${sentence(pause.reason)}` : '.'} /> Waiting jobs stay waiting.
            {pause.auditId ? (
              <>
                {' '}
                <Link
                  href={href(`/audit?entry=${pause.auditId}`)}
                  prefetch={false}
                  className="rounded font-medium underline hover:no-underline"
                >
                  See the audit entry
                </Link>
              </>
            ) : null}
          </span>
          {may(inItsOrganization(pause), ACTION[pause.scope]) ? (
            <Button size="sm" busy={resume.isPending} onClick={() => resume.mutate(inputOf(pause))}>
              Resume
            </Button>
          ) : pause.organizationId && may(inItsOrganization(pause), 'requests.create') ? (
            <AskAdmin
              asked={{ kind: 'RESUME', organizationId: pause.organizationId }}
              size="sm"
              label="Ask to resume"
              title="Ask to let the organization go on?"
              text="Its waiting jobs would run again. An admin of the organization decides."
            />
          ) : null}
        </div>
      ))}
    </div>
  )
}

type Known = { id: string; name: string }[]

function nameOf(pause: Pause, organizations: Known | undefined): string {
  if (pause.scope === 'platform') return 'The whole platform was'
  if (pause.scope === 'jobType') return `Job type ${pause.jobType} was`
  return `${organizations?.find(({ id }) => id === pause.organizationId)?.name ?? 'This organization'} was`
}

/** Who may resume a pause is who may make it. */
const ACTION = { platform: 'platform.pause', jobType: 'jobType.pause', organization: 'organization.pause' } as const

function inputOf(pause: Pause) {
  if (pause.scope === 'platform') return { scope: 'platform' as const }
  if (pause.scope === 'jobType') return { scope: 'jobType' as const, jobType: pause.jobType! }
  return { scope: 'organization' as const, organizationId: pause.organizationId! }
}
