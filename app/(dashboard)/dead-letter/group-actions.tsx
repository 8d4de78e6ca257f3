'use client'

import { useMutation } from '@tanstack/react-query'
import { BellOff, FlaskConical, Hand, RotateCcw, Trash2 } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useState } from 'react'
import { Button } from '@/app/_components/button'
import { DialogError } from '@/app/_components/dialog'
import { ErrorPattern } from '@/app/_components/error-pattern'
import { may } from '@/app/_components/may'
import { AskAdmin } from '@/app/_components/requests/ask-admin'
import { useScope } from '@/app/_components/shell/organization'
import { formatCount } from '@/app/_components/time'
import { useTRPC } from '@/app/_trpc/client'
import { messageOf } from '@/app/_trpc/refusal'
import type { DeadLetterGroup } from '@/app/_trpc/types'
import BulkDialog from '../jobs/bulk-dialog'
import { jobs } from '../jobs/bulk-words'
import { ForecastLines } from '../jobs/forecast-lines'
import { broughtBack } from '../jobs/forecast-words'
import { useForecast } from '../jobs/use-forecast'
import { NOTHING } from '../jobs/use-selection'
import { ShowAgain } from './ignored-groups'
import { TriedJob } from './tried-job'
import { TRY_REASON } from './tried-words'

const IgnoreDialog = dynamic(() => import('./ignore-dialog'), { ssr: false })

interface Props {
  /** Undefined once no job of the group is dead any more. */
  group: DeadLetterGroup | undefined
  /** The job that is being tried. */
  tried: string | null
  onTried: (jobId: string) => void
  onChanged: () => void
  onStarted: (bulkId: string) => void
}

/**
 * The actions for a group of dead letters: try one, retry all, delete all, or ignore. Above them stands what a retry of
 * all would do.
 */
export function GroupActions({ group, tried, onTried, onChanged, onStarted }: Props) {
  const trpc = useTRPC()
  const { viewer } = useScope()
  const [ignoring, setIgnoring] = useState(false)
  // The group as it was when somebody opened the dialog. Its count and its job types stay as they were read there, also
  // when other jobs die meanwhile.
  const [asked, setAsked] = useState<{ kind: 'retry' | 'delete'; group: DeadLetterGroup } | null>(null)
  const tryOne = useMutation(
    trpc.jobs.retry.mutationOptions({
      onSuccess: (_, { jobId }) => {
        onTried(jobId)
        onChanged()
      },
    }),
  )
  const ignored = ofTypes(group, true)
  const listed = ofTypes(group, false)
  const mayRetry = may(viewer, 'jobs.retry')
  const mayAsk = may(viewer, 'requests.create')
  // True where this person may not do it and asks an admin instead.
  const asksTo = (action: 'jobs.retry' | 'jobs.delete') => !may(viewer, action) && mayAsk
  const refused = (what: string, allowed: boolean) =>
    allowed ? null : `Only admins of the organization ${what} all of them.`
  return (
    <div className="grid gap-3">
      {group ? (
        <>
          {mayRetry ? <Foreseen group={group} /> : null}
          <div className="flex flex-wrap gap-2">
            {!mayRetry && mayAsk ? (
              <AskAdmin
                asked={{ kind: 'RETRY', organizationId: group.organizationId, jobIds: [group.sample.jobId] }}
                label="Ask to try one"
                title="Ask to retry the newest of them?"
                text="You may not retry it yourself. An admin of the organization decides, and both of you see how it went before the others are retried."
              />
            ) : (
              <Button
                busy={tryOne.isPending}
                unavailable={refused('retry', mayRetry)}
                title="Retries the newest, and says how it went"
                onClick={() => tryOne.mutate({ jobId: group.sample.jobId, reason: TRY_REASON })}
              >
                <FlaskConical aria-hidden /> Try one
              </Button>
            )}
            <Button
              variant="primary"
              unavailable={refused('retry', mayRetry || mayAsk)}
              onClick={() => setAsked({ kind: 'retry', group })}
            >
              {asksTo('jobs.retry') ? <Hand aria-hidden /> : <RotateCcw aria-hidden />}{' '}
              {asksTo('jobs.retry') ? 'Ask to retry' : 'Retry'} all {formatCount(group.count)}
            </Button>
            <Button
              unavailable={refused('delete', may(viewer, 'jobs.delete') || mayAsk)}
              onClick={() => setAsked({ kind: 'delete', group })}
            >
              {asksTo('jobs.delete') ? <Hand aria-hidden /> : <Trash2 aria-hidden />}{' '}
              {asksTo('jobs.delete') ? 'Ask to delete' : 'Delete'} all
            </Button>
            {ignored ? <ShowAgain group={ignored} onChanged={onChanged} /> : null}
            {listed ? (
              <Button
                unavailable={may(viewer, 'deadLetters.ignore') ? null : 'Viewers read. Ask an operator to ignore it.'}
                onClick={() => setIgnoring(true)}
              >
                <BellOff aria-hidden /> Ignore…
              </Button>
            ) : null}
          </div>
        </>
      ) : null}
      {tryOne.error ? <DialogError>{messageOf(tryOne.error)}</DialogError> : null}
      {tried ? (
        <TriedJob
          key={tried}
          jobId={tried}
          left={group?.count ?? 0}
          onRetryAll={() => group && setAsked({ kind: 'retry', group })}
        />
      ) : null}
      {listed && ignoring ? (
        <IgnoreDialog
          group={listed}
          onClose={() => setIgnoring(false)}
          onDone={() => (setIgnoring(false), onChanged())}
        />
      ) : null}
      {asked ? (
        <BulkDialog
          kind={asked.kind}
          selection={{ ...NOTHING, all: true }}
          filter={filterOf(asked.group)}
          organizationId={asked.group.organizationId}
          title={`${asked.kind === 'retry' ? 'Retry' : 'Delete'} ${jobs(asked.group.count)}?`}
          about={
            <p className="rounded bg-sunken px-2.5 py-1.5 text-sm font-medium wrap-anywhere">
              <ErrorPattern text={asked.group.pattern} />
            </p>
          }
          onClose={() => setAsked(null)}
          onDone={(bulkId) => {
            setAsked(null)
            onChanged()
            if (bulkId) onStarted(bulkId)
          }}
        />
      ) : null}
    </div>
  )
}

/** The part of a group that is ignored, or the part that is not. Undefined where it has no such part. */
function ofTypes(group: DeadLetterGroup | undefined, ignored: boolean): DeadLetterGroup | undefined {
  const jobTypes = group?.jobTypes.filter((type) => type.ignored === ignored) ?? []
  return group && jobTypes.length > 0 ? { ...group, jobTypes } : undefined
}

/** A filter that matches exactly the dead letters of the group. */
const filterOf = ({ jobTypes, errorFingerprint }: DeadLetterGroup) => ({
  status: ['DEAD_LETTER' as const],
  jobType: jobTypes.map(({ jobType }) => jobType),
  errorFingerprint,
})

/**
 * Tells what a retry of all jobs would do, before anybody starts it. It has a least height, so that the buttons below
 * it stay in place when the answer comes.
 */
function Foreseen({ group }: { group: DeadLetterGroup }) {
  const forecast = useForecast('retry', group.organizationId, { filter: filterOf(group) })
  return (
    <section aria-label="If all are retried" className="grid min-h-25 content-start gap-2 text-sm md:min-h-21">
      {forecast.data ? (
        <>
          <p>
            <span className="text-muted">If all are retried:</span> {broughtBack(forecast.data)}
          </p>
          <ForecastLines kind="retry" forecast={forecast.data} />
        </>
      ) : forecast.error ? (
        <p className="text-muted">What a retry would do is not known: {messageOf(forecast.error)}</p>
      ) : (
        <span className="skeleton block h-4 w-1/2" />
      )}
    </section>
  )
}
