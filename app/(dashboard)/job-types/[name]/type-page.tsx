'use client'

import { useQuery } from '@tanstack/react-query'
import { ListTree, PauseCircle, PlayCircle } from 'lucide-react'
import dynamic from 'next/dynamic'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import { useState } from 'react'
import { Button, LinkButton } from '@/app/_components/button'
import { CopyButton } from '@/app/_components/copy-button'
import { may } from '@/app/_components/may'
import { isNotFound, NotFoundPage } from '@/app/_components/page/not-found-page'
import { NotRead } from '@/app/_components/page/not-read'
import { Page } from '@/app/_components/page/page'
import { useScope } from '@/app/_components/shell/organization'
import { Tabs } from '@/app/_components/tabs'
import { VisibleText } from '@/app/_components/visible-text'
import { useTRPC } from '@/app/_trpc/client'
import { useTypeRows } from '../use-type-rows'
import { Standing } from './standing'
import { useVersions } from './use-versions'
import { Versions } from './versions'

// The code that checks schemas is the largest part of the page, so it is loaded after the top of the page.
const Editor = dynamic(() => import('../editor/editor'), { ssr: false, loading: () => <EditorSkeleton /> })
const ReadOnly = dynamic(() => import('./read-only'), { ssr: false, loading: () => <EditorSkeleton /> })
const FromFile = dynamic(() => import('./from-file'), { ssr: false })
const LimitDialog = dynamic(() => import('../limit-dialog'), { ssr: false })
const PauseTypeDialog = dynamic(() => import('../pause-type-dialog'), { ssr: false })

/** The job type is read again at this interval, because somebody else may change it. */
const REFRESH_MS = 10_000
const TABS = ['settings', 'versions'] as const

/** One job type: its present state, its settings, and its earlier versions. */
export function TypePage({ name }: { name: string }) {
  const trpc = useTRPC()
  const { viewer, href, organizationId } = useScope()
  const [tab, setTab] = useQueryState(
    'tab',
    parseAsStringLiteral(TABS).withDefault('settings').withOptions({ history: 'push' }),
  )
  const [openDialog, setOpenDialog] = useState<'limit' | 'pause' | null>(null)
  const query = useQuery(trpc.jobTypes.get.queryOptions({ name }, { refetchInterval: REFRESH_MS }))
  const versions = useVersions(name)
  const { rows, figuresKnown, pausesKnown, error: figuresError, readAgain } = useTypeRows()
  const type = query.data
  const row = rows?.find((one) => one.type.name === name)
  const paused = row?.pause !== undefined

  if (isNotFound(query.error))
    return (
      <NotFoundPage
        what="Job type"
        text="There is no job type with this name."
        list={{ path: '/job-types', label: 'To the job types' }}
      />
    )

  const handlers = [...new Set((rows ?? []).map((one) => one.type.handler))].sort()
  const pools = [...new Set((rows ?? []).map((one) => one.type.pool))].sort()
  // Who may not change the limit may ask an admin of this organization to do it.
  const requestsLimitFor = !may(viewer, 'jobTypes.write') && may(viewer, 'requests.create') ? organizationId : undefined
  return (
    <Page
      back={{ path: '/job-types', label: 'Job types' }}
      live
      tab={type ? `${type.displayName} · Job types` : undefined}
      title={type ? <VisibleText text={type.displayName} /> : <span className="skeleton block h-7 w-28" />}
      aside={
        <span className="inline-flex items-center gap-0.5">
          <span className="font-mono text-xs text-muted wrap-anywhere">{name}</span>
          <CopyButton text={name} label="Copy name" className="size-6! text-faint [&_svg]:size-3.5!" />
        </span>
      }
      actions={
        <>
          <LinkButton href={href(`/jobs?type=${encodeURIComponent(name)}`)}>
            <ListTree aria-hidden /> Its jobs
          </LinkButton>
          {may(viewer, 'jobType.pause') ? (
            <Button
              onClick={() => setOpenDialog('pause')}
              unavailable={pausesKnown && type ? null : whyNoPause(figuresError !== null)}
            >
              {paused ? <PlayCircle aria-hidden /> : <PauseCircle aria-hidden />}
              {paused ? 'Resume' : 'Pause'}
            </Button>
          ) : null}
        </>
      }
      below={
        <>
          <Standing
            // The list behind `rows` may be older than the type that this page reads by itself.
            row={figuresKnown && row && type ? { ...row, type } : undefined}
            failed={figuresError !== null}
            asks={requestsLimitFor !== undefined}
            onLimit={may(viewer, 'jobTypes.write') || requestsLimitFor ? () => setOpenDialog('limit') : undefined}
          />
          {figuresError ? <NotRead what="A part of the figures" onRetry={readAgain} className="mt-3" /> : null}
        </>
      }
      error={type ? null : query.error}
      onRetry={() => void query.refetch()}
      skeleton={type ? undefined : <EditorSkeleton />}
    >
      {type ? (
        <Tabs
          label="Parts of this job type"
          value={tab}
          onChange={(next) => void setTab(next)}
          tabs={[
            { value: 'settings', label: 'Settings' },
            { value: 'versions', label: 'Versions', note: type.version },
          ]}
        >
          {tab === 'versions' ? (
            <>
              <JobsOfOlderVersions count={versions.jobsOfOlderVersions} />
              <Versions type={type} versions={versions} reverts={may(viewer, 'jobTypes.write')} />
            </>
          ) : may(viewer, 'jobTypes.write') ? (
            <>
              {type.differs ? <FromFile type={type} /> : null}
              <Editor key={name} type={type} handlers={handlers} pools={pools} />
            </>
          ) : (
            <ReadOnly type={type} />
          )}
        </Tabs>
      ) : null}
      {openDialog === 'limit' && type ? (
        <LimitDialog type={type} asks={requestsLimitFor} onClose={() => setOpenDialog(null)} />
      ) : null}
      {openDialog === 'pause' && type ? (
        <PauseTypeDialog type={type} paused={paused} onClose={() => setOpenDialog(null)} />
      ) : null}
    </Page>
  )
}

/** Why the type cannot be paused or resumed now: nobody knows which of the two it would be. */
const whyNoPause = (failed: boolean) =>
  failed ? 'It could not be read whether it is paused.' : 'The state of the job type is being loaded.'

/** How many jobs still use an older version. */
function JobsOfOlderVersions({ count }: { count: { waiting: number; running: number } | null | undefined }) {
  const text =
    count === undefined
      ? ''
      : count === null
        ? 'More than 10,000 jobs of this type wait or run, too many to tell their versions.'
        : count.waiting + count.running === 0
          ? 'No job waits or runs with an older version.'
          : `With older versions ${count.waiting} ${count.waiting === 1 ? 'job waits' : 'jobs wait'} and ${count.running} ${count.running === 1 ? 'runs' : 'run'}.`
  return <p className="mb-3 min-h-5 text-sm text-muted tabular-nums">{text}</p>
}

const EditorSkeleton = () => (
  <div aria-busy="true" aria-label="Loading the job type" className="grid items-start gap-4 xl:grid-cols-2">
    <span className="skeleton block h-96 rounded-lg" />
    <span className="skeleton block h-48 rounded-lg" />
  </div>
)
