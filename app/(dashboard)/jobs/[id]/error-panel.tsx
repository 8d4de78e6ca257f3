import { OctagonX } from 'lucide-react'
import { CopyButton } from '@/app/_components/copy-button'
import type { Attempt, Job } from '@/app/_trpc/types'
import { PARENT_ENDED } from '../parent-ended'
import { sidesOf, titlesOf, type Graph } from './graph-facts'
import { Prose } from './prose'
import { VisibleText } from '@/app/_components/visible-text'

/**
 * Shows near the top of the page what went wrong. The stack trace is there only for people to whom the server gives it.
 */
export function ErrorPanel({
  job,
  attempts,
  graph,
}: {
  job: Job
  attempts: Attempt[] | undefined
  graph: Graph | undefined
}) {
  const error = job.error
  if (!error) return null
  const waited = error.fingerprint === PARENT_ENDED
  const dead = job.status === 'DEAD_LETTER' ? diedWith(graph, job.id) : 0
  // The stack trace must belong to this error. That of another attempt would mislead.
  const stack = attempts?.findLast((attempt) => attempt.error?.message === error.message)?.error?.stack ?? null
  return (
    <section
      aria-labelledby="error"
      className="overflow-hidden rounded-lg border border-danger/40 bg-surface shadow-card"
    >
      <div className="flex items-center gap-2 bg-danger-soft px-4 py-2 text-sm text-danger">
        <OctagonX aria-hidden className="size-4 shrink-0" />
        <h2 id="error" className="font-semibold">
          {error.class === 'PERMANENT' ? 'Permanent error' : 'Transient error'}
        </h2>
        <span className="hidden sm:inline">
          {waited
            ? 'This job can run only once the job named below has completed'
            : error.class === 'PERMANENT'
              ? 'A retry alone would not help'
              : 'A later attempt may succeed'}
        </span>
        <CopyButton
          text={stack ? `${error.message}\n\n${stack}` : error.message}
          label="Copy error"
          className="-my-1 ml-auto text-danger!"
        />
      </div>
      <div className="px-4 py-3">
        <p className="text-base font-medium wrap-anywhere whitespace-pre-wrap">
          {waited ? <Prose text={error.message} titles={titlesOf(graph)} /> : <VisibleText text={error.message} />}
        </p>
        {dead > 0 ? (
          <p className="mt-1 text-sm text-muted">
            {graph?.capped ? 'At least ' : ''}
            {dead === 1
              ? '1 job that waited for it died, too.'
              : `${dead.toLocaleString('en')} jobs that waited for it died, too.`}{' '}
            Its retry brings back those of them that wait for no other dead job.
          </p>
        ) : null}
        <p className="mt-1 text-xs text-faint">
          Fingerprint <span className="font-mono">{error.fingerprint}</span>
        </p>
        {stack ? (
          <details className="group mt-2" open>
            <summary className="w-fit rounded text-xs font-medium text-muted hover:text-ink">Stack</summary>
            <pre
              tabIndex={0}
              aria-label="Stack"
              className="mt-1.5 max-h-64 overflow-auto rounded bg-sunken p-3 font-mono text-xs/5 text-muted"
            >
              <VisibleText text={stack} />
            </pre>
          </details>
        ) : null}
      </div>
    </section>
  )
}

/** How many of the jobs that waited for it are dead. A large graph holds only some of them. */
const diedWith = (graph: Graph | undefined, jobId: string): number =>
  graph ? sidesOf(graph, jobId).waitedForBy.filter(({ job }) => job?.status === 'DEAD_LETTER').length : 0
