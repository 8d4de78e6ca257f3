'use client'

import { useQuery } from '@tanstack/react-query'
import { History, Pencil, Play, Trash2 } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { Button, LinkButton } from '@/app/_components/button'
import { JsonCard } from '@/app/_components/json-card'
import { may } from '@/app/_components/may'
import { isNotFound, NotFoundPage } from '@/app/_components/page/not-found-page'
import { Page } from '@/app/_components/page/page'
import { useScope } from '@/app/_components/shell/organization'
import { Switch } from '@/app/_components/switch'
import { useTRPC } from '@/app/_trpc/client'
import type { Schedule } from '@/app/_trpc/types'
import { DeleteSchedule } from '../delete-schedule'
import { useScheduleActs } from '../use-schedule-acts'
import { RunsCard } from './runs-card'
import { ScheduleFacts } from './schedule-facts'

const BackfillDialog = dynamic(() => import('./backfill-dialog'), { ssr: false })
/** Schedules send no events, so this one is read again at this interval. */
const READ_AGAIN_MS = 5_000

/** One schedule: when it runs, what it submits, and what became of each run. */
export function SchedulePage({ scheduleId }: { scheduleId: string }) {
  const trpc = useTRPC()
  const query = useQuery(trpc.schedules.get.queryOptions({ scheduleId }, { refetchInterval: READ_AGAIN_MS }))
  const schedule = query.data
  if (isNotFound(query.error))
    return (
      <NotFoundPage
        what="Schedule"
        text="It was deleted, never existed, or belongs to an organization you are not a member of. The jobs that it submitted stay."
        list={{ path: '/schedules', label: 'To the schedules' }}
      />
    )
  return (
    <Page
      title={schedule?.name ?? 'Schedule'}
      tab={schedule?.name}
      live
      back={{ path: '/schedules', label: 'Schedules' }}
      actions={schedule ? <Actions schedule={schedule} /> : null}
      error={schedule ? null : query.error}
      onRetry={() => void query.refetch()}
      skeleton={schedule ? null : <Skeleton />}
    >
      {schedule ? (
        <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
          <RunsCard schedule={schedule} />
          {/* On a phone the runs are a long list, so what says when it runs stands above them. */}
          <div className="grid min-w-0 gap-4 max-lg:order-first">
            <ScheduleFacts schedule={schedule} />
            <JsonCard
              id="parameters"
              title="Parameters"
              value={schedule.parameters}
              empty="It submits no parameters."
            />
          </div>
        </div>
      ) : null}
    </Page>
  )
}

function Actions({ schedule }: { schedule: Schedule }) {
  const { href, viewer } = useScope()
  const router = useRouter()
  const acts = useScheduleActs(schedule)
  const [backfilling, setBackfilling] = useState(false)
  const manages = may(viewer, 'schedules.manage')
  return (
    <>
      {manages ? (
        <Switch
          label="This schedule is switched on"
          on={schedule.enabled}
          busy={acts.switching}
          onChange={acts.setEnabled}
        />
      ) : null}
      {may(viewer, 'schedules.run') ? (
        <Button size="sm" onClick={acts.runNow} busy={acts.running}>
          <Play aria-hidden /> Run now
        </Button>
      ) : null}
      {manages ? (
        <>
          <Button size="sm" onClick={() => setBackfilling(true)}>
            <History aria-hidden /> Backfill
          </Button>
          <LinkButton size="sm" href={href(`/schedules/${schedule.id}/edit`)}>
            <Pencil aria-hidden /> Change
          </LinkButton>
          <DeleteSchedule schedule={schedule} onDone={() => router.push(href('/schedules'))}>
            <Trash2 aria-hidden /> Delete
          </DeleteSchedule>
        </>
      ) : null}
      {backfilling ? <BackfillDialog schedule={schedule} onClose={() => setBackfilling(false)} /> : null}
    </>
  )
}

const Skeleton = () => (
  <div className="grid gap-4 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]" aria-hidden>
    <span className="skeleton block h-80 rounded-lg" />
    <span className="skeleton block h-80 rounded-lg" />
  </div>
)
