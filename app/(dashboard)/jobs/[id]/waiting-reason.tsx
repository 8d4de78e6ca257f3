'use client'

import { TimeAhead, RelativeTime } from '@/app/_components/relative-time'
import { waitingWords } from '@/app/_components/prose-words'
import { useNow } from '@/app/_components/use-now'
import { VisibleText } from '@/app/_components/visible-text'
import type { WaitingReason } from '@/app/_trpc/types'
import { titlesOf, type Graph } from './graph-facts'
import { JobLink } from './job-link'

/** The most parents that a sentence names. The graph shows the others. */
const NAMED = 5

/** The time in the sentences about a suspended organization and about a job in the queue. */
const ITS_TIME = /( suspended| queue) (?:at|since) \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/

/**
 * One reason why a job waits, as a sentence. Reasons with times or other jobs get their words here, so that times are
 * in the reader's time zone and jobs have their titles. All other sentences are the engine's own. Which fields `data`
 * has depends on the code (server/engine/domain/waiting-reasons.ts).
 */
export function Reason({
  reason: { code, message, data },
  graph,
}: {
  reason: WaitingReason
  graph: Graph | undefined
}) {
  const titles = titlesOf(graph)
  const now = useNow(15_000)
  switch (code) {
    case 'SCHEDULED':
      return (
        <>
          It is scheduled to start <TimeAhead at={data.runAt as string} />.
        </>
      )
    case 'RETRY_BACKOFF':
      return (
        <>
          Its last attempt failed. Retry {String(data.failures)} of at most {String(data.maxRetries)} starts{' '}
          <TimeAhead at={data.nextRetryAt as string} />.
        </>
      )
    case 'WAITING_FOR_PARENTS': {
      const parents = data.parents as { jobId: string; jobType: string; on: 'completed' | 'ended' }[]
      const count = data.count as number
      return (
        <>
          It waits for {count === 1 ? 'a job that is' : `${count.toLocaleString('en')} jobs that are`}{' '}
          {notDone(parents)}:{' '}
          {parents.slice(0, NAMED).map(({ jobId, jobType }, i) => (
            <span key={jobId}>
              {i > 0 ? ', ' : ''}
              <JobLink jobId={jobId} title={titles.get(jobId) ?? jobType} />
            </span>
          ))}
          {count > NAMED ? ` and ${(count - NAMED).toLocaleString('en')} more` : ''}.
        </>
      )
    }
    case 'PAUSED': {
      const { name } = data.pausedBy as { name: string }
      const what = {
        platform: 'The whole platform',
        jobType: `Job type ${String(data.jobType)}`,
        organization: 'Its organization',
      }[data.scope as 'platform' | 'jobType' | 'organization']
      return (
        <>
          {what} is paused by <VisibleText text={name} /> since <RelativeTime at={data.pausedAt as string} />
          {typeof data.reason === 'string' ? (
            <>
              : “<VisibleText text={data.reason} />”
            </>
          ) : null}
          .
        </>
      )
    }
    case 'CIRCUIT_OPEN': {
      const trial = data.trialJobId as string | null
      const at = data.trialMayStartAt as string
      return (
        <>
          Too many of the last attempts of its job type failed, so its jobs are held back since{' '}
          <RelativeTime at={data.openedAt as string} />.{' '}
          {trial ? (
            <>
              <JobLink jobId={trial} title={titles.get(trial) ?? 'One job'} /> tries now, and the rest follows when it
              completes.
            </>
          ) : Date.parse(at) > now ? (
            <>
              One job may try <TimeAhead at={at} />.
            </>
          ) : (
            'One job may try now.'
          )}{' '}
          An administrator can close the circuit.
        </>
      )
    }
    default:
      // The times in these sentences are removed, because the timeline shows the same times.
      return <VisibleText text={waitingWords({ code, message: message.replace(ITS_TIME, '$1') }, now)} />
  }
}

/** What these jobs have not done yet that would be enough. */
function notDone(parents: readonly { on: 'completed' | 'ended' }[]): string {
  const ends = parents.filter(({ on }) => on === 'ended').length
  return ends === 0 ? 'not completed' : ends === parents.length ? 'not ended' : 'not completed or not ended'
}
