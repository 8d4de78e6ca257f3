'use client'

import dynamic from 'next/dynamic'
import { useState, type ReactNode } from 'react'
import { Button } from '@/app/_components/button'
import { cn } from '@/app/_components/cn'
import { may } from '@/app/_components/may'
import { Elapsed, RelativeTime } from '@/app/_components/relative-time'
import { sentence } from '@/app/_components/sentence'
import { useScope } from '@/app/_components/shell/organization'
import { StuckRow } from '@/app/_components/stuck/stuck-row'
import { workerName } from '@/app/_components/stuck/stuck-words'
import { formatBytes, formatCount } from '@/app/_components/time'
import { VisibleText } from '@/app/_components/visible-text'
import type { Worker } from '@/app/_trpc/types'
import { SlotCells } from './slot-cells'
import { stuckOn } from './worker-order'

const DrainDialog = dynamic(() => import('./drain-dialog'), { ssr: false })

/** One worker that is present: its data, its jobs, which of them look stuck, and a button that drains it. */
export function WorkerCard({ worker, chosen, onChanged }: { worker: Worker; chosen: boolean; onChanged: () => void }) {
  const { viewer } = useScope()
  const [asking, setAsking] = useState(false)
  const stuck = stuckOn(worker)
  const heading = `worker-${worker.id}`
  return (
    <section
      aria-labelledby={heading}
      className={cn('min-w-0 rounded-lg border bg-surface shadow-card', chosen ? 'border-accent' : 'border-line')}
    >
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5 px-4 py-2">
        <h2 id={heading} className="text-sm font-semibold wrap-anywhere">
          <VisibleText text={worker.host ?? 'Worker'} />{' '}
          <span className="font-mono text-xs font-normal text-muted">{workerName(worker.id)}</span>
        </h2>
        {stuck.length > 0 ? (
          <span className="rounded-sm bg-timedout-soft px-1.5 py-0.5 text-xs font-medium text-timedout">
            {stuck.length === 1 ? '1 job looks stuck' : `${formatCount(stuck.length)} jobs look stuck`}
          </span>
        ) : null}
        <dl className="flex flex-wrap gap-x-4 text-xs text-muted tabular-nums">
          <Fact name="Version">
            {worker.version ?? 'not known'}
            {worker.commit ? ` (${worker.commit})` : ''}
          </Fact>
          <Fact name="Up">
            <Elapsed from={worker.startedAt} to={null} />
          </Fact>
          {worker.memory ? (
            <Fact name="Memory">
              {formatBytes(worker.memory.rssBytes)}, heap {formatBytes(worker.memory.heapBytes)}
            </Fact>
          ) : null}
        </dl>
        {worker.state === 'ALIVE' && may(viewer, 'workers.drain') ? (
          <Button size="sm" className="ml-auto" onClick={() => setAsking(true)}>
            Drain…
          </Button>
        ) : null}
      </div>
      {worker.handlerProblems?.length ? <HandlerProblems problems={worker.handlerProblems} /> : null}
      {worker.state === 'DRAINING' ? <Draining worker={worker} /> : null}
      {stuck.length > 0 ? (
        <ul aria-label="Jobs on it that look stuck" className="divide-y divide-line border-t border-line">
          {stuck.map((job) => (
            <StuckRow key={job.jobId} job={job} worker={null} />
          ))}
        </ul>
      ) : null}
      <div className="grid gap-2 border-t border-line px-4 py-2.5">
        <SlotCells name="Threads" worker={worker} queue="ISOLATED" />
        <SlotCells name="Shared slots" worker={worker} queue="INLINE" />
      </div>
      {asking ? (
        <DrainDialog
          worker={worker}
          onClose={() => setAsking(false)}
          onDone={() => {
            setAsking(false)
            onChanged()
          }}
        />
      ) : null}
    </section>
  )
}

/** Files of the folder of handlers that it could not take. Their jobs wait; everything else runs. */
function HandlerProblems({ problems }: { problems: NonNullable<Worker['handlerProblems']> }) {
  return (
    <div className="border-t border-line bg-warning-soft px-4 py-2 text-sm text-warning">
      <p className="font-medium">
        {problems.length === 1
          ? '1 file of a handler does not run'
          : `${formatCount(problems.length)} files of handlers do not run`}
      </p>
      <ul aria-label="Files of handlers that do not run" className="mt-1 grid gap-1">
        {problems.map(({ file, message }) => (
          <li key={file} className="wrap-anywhere">
            <span className="font-mono text-xs">
              <VisibleText text={file} />
            </span>{' '}
            <VisibleText text={message} />
          </li>
        ))}
      </ul>
    </div>
  )
}

const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
  <div className="flex gap-1">
    <dt className="text-faint">{name}</dt>
    <dd>{children}</dd>
  </div>
)

/** Why a worker drains, and how many jobs it still runs. */
function Draining({ worker: { drainingAt, drainedBy, drainReason, drainsUntil, busy } }: { worker: Worker }) {
  const left = busy.isolated + busy.inline
  return (
    <p role="status" className="border-t border-line bg-warning-soft px-4 py-2 text-sm text-warning wrap-anywhere">
      Draining
      {drainedBy ? <VisibleText text={`, asked by ${drainedBy.name}`} /> : ', because its process was told to stop'}
      {drainingAt ? (
        <>
          , <RelativeTime at={drainingAt} />
        </>
      ) : null}
      .{drainReason ? <VisibleText text={` ${sentence(drainReason)}`} /> : null}{' '}
      {left === 0 ? (
        'No job is left on it.'
      ) : (
        <>
          {left === 1 ? '1 job is left on it' : `${formatCount(left)} jobs are left on it`}
          {drainsUntil ? (
            <>
              ; what has not ended is handed back <RelativeTime at={drainsUntil} planned />
            </>
          ) : null}
          .
        </>
      )}
    </p>
  )
}
