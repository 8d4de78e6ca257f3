import { OctagonX } from 'lucide-react'
import { CopyButton } from '@/app/_components/copy-button'
import type { Attempt, Job } from '@/app/_trpc/types'
import { JobLink } from './why-it-waits'
import { VisibleText } from '@/app/_components/visible-text'

/** What went wrong, where a person looks first. The stack is there only for those the server shows it to. */
export function ErrorPanel({ job, attempts }: { job: Job; attempts: Attempt[] | undefined }) {
  const error = job.error
  if (!error) return null
  const cause =
    error.fingerprint === 'parent-ended'
      ? /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(error.message)?.[0]
      : undefined
  // The stack of this very error: another attempt's would lead astray.
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
          {error.class === 'PERMANENT' ? 'A retry alone would not help' : 'A later attempt may succeed'}
        </span>
        <CopyButton
          text={stack ? `${error.message}\n\n${stack}` : error.message}
          label="Copy error"
          className="-my-1 ml-auto text-danger!"
        />
      </div>
      <div className="px-4 py-3">
        <p className="text-base font-medium wrap-anywhere whitespace-pre-wrap">
          <VisibleText text={error.message} />
        </p>
        {cause ? (
          <p className="mt-1 text-sm text-muted">
            Retry <JobLink jobId={cause} />: it brings this job back with it.
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
