'use client'

import { useMutation } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useEffect, useMemo, useRef, useState } from 'react'
import { Button } from '@/app/_components/button'
import { Card } from '@/app/_components/card'
import { differences, masksIn, patchBetween, unmasked } from '@/app/_components/forms/difference'
import { optionsLike, OptionsFields, readOptions } from '@/app/_components/forms/options-fields'
import { FormOrJson, ParameterFields } from '@/app/_components/forms/parameter-fields'
import { maskedBy } from '@/app/_components/forms/form-values'
import type { Json } from '@/app/_components/forms/json'
import { formOf, marksOf } from '@/app/_components/forms/schema-form'
import { focusFirstProblem, refusedFields, useFormState } from '@/app/_components/forms/use-form-state'
import { useParameterCheck } from '@/app/_components/forms/use-parameter-check'
import { whyNotSubmit } from '@/app/_components/job-status'
import { notify } from '@/app/_components/notify'
import { ErrorState } from '@/app/_components/page/states'
import { useScope } from '@/app/_components/shell/organization'
import { useTRPC } from '@/app/_trpc/client'
import { refusalOf, refusedElsewhere } from '@/app/_trpc/refusal'
import type { Job, JobType } from '@/app/_trpc/types'
import { DifferenceList } from './difference-list'
import { useMasked } from './use-masked'

interface Props {
  job: Job
  /** The present version of the job type, which applies to the new job. */
  type: JobType
  /** False while the page shows the job as it was on an earlier visit, and reads it again. */
  isCurrent: boolean
  onClose: () => void
}

/**
 * Runs a job again, with its parameters or after the reader has changed some. It stands above the card with the
 * parameters.
 */
export default function RerunCard({ job: now, isCurrent, type, onClose }: Props) {
  const { me, viewerIn } = useScope()
  // The job may still be changed while it waits. The form keeps the values that it was opened with.
  const [job, setJob] = useState(isCurrent ? now : undefined)
  if (!job && isCurrent) setJob(now)
  const masked = useMasked(job)
  // A link may open this form for somebody who may not submit jobs.
  if (!me || whyNotSubmit(viewerIn(now.organizationId))) return null
  if (job && masked.data !== undefined)
    return <RerunForm job={job} type={type} masked={masked.data} onClose={onClose} />
  return (
    <Card id="rerun" title="Run again">
      {masked.error ? (
        <ErrorState compact error={masked.error} onRetry={() => void masked.refetch()} />
      ) : (
        <span className="skeleton block h-80" />
      )}
    </Card>
  )
}

/** @param masked the parameters as they may be shown, with which the form begins */
function RerunForm({ job, type, masked: read, onClose }: Pick<Props, 'job' | 'type' | 'onClose'> & { masked: Json }) {
  const trpc = useTRPC()
  const router = useRouter()
  const { href } = useScope()
  // A later answer changes nothing in a form that somebody fills in.
  const [{ masked, real }] = useState({ masked: read, real: job.parameters as Json })
  const form = useMemo(() => formOf(type.parameterSchema), [type.parameterSchema])
  const marks = useMemo(() => marksOf(type.parameterSchema), [type.parameterSchema])
  const kept = useMemo(() => new Set(masksIn(masked, real)), [masked, real])
  const [edited, setEdited] = useState(masked)
  const [options, setOptions] = useState(() => optionsLike(job, type))
  const [tab, setTab] = useState<'form' | 'json'>(form.kind === 'json' ? 'json' : 'form')
  const [checking, setChecking] = useState(false)
  const element = useRef<HTMLFormElement>(null)

  const after = useMemo(() => unmasked(edited, masked, real), [edited, masked, real])
  const change = useMemo(() => patchBetween(real, after), [real, after])
  const check = useParameterCheck(type.parameterSchema, after)
  const rerunProblems = useMemo(() => problemsOfRerun(change, real), [change, real])
  const { state, problems, unready, attempted, setAttempted, refused, setRefused } = useFormState({
    ...check.problems,
    ...rerunProblems,
  })
  const changed = differences({
    before: real,
    after,
    shownBefore: masked,
    shownAfter: maskedBy(marks, edited),
  })
  const typedOptions = readOptions(options)
  const rerun = useMutation(
    trpc.jobs.rerun.mutationOptions({
      onSuccess: (next) => {
        notify.success('Runs again, as a new job')
        router.push(href(`/jobs/${next.id}`))
      },
      onError: (error) => {
        setRefused(refusedFields(refusalOf(error)?.fields ?? []))
        focusFirstProblem(element.current)
      },
    }),
  )
  // After success the page of the new job is on its way. A second press would make a second job.
  const busy = rerun.isPending || rerun.isSuccess || checking

  useEffect(() => {
    // On a phone the keyboard covers the lower half. The form begins at the top, so that its button is still in view.
    element.current?.scrollIntoView({ block: matchMedia('(width < 48rem)').matches ? 'start' : 'nearest' })
    element.current?.querySelector<HTMLElement>('[data-fields] :is(input, select, textarea)')?.focus()
  }, [])

  const send = async () => {
    setAttempted(true)
    setRefused({})
    setChecking(true)
    const wrong = { ...(await check.checkNow()), ...rerunProblems, ...unready, ...typedOptions.problems }
    setChecking(false)
    if (Object.keys(wrong).length > 0 || 'nullAt' in change) {
      rerun.reset()
      return focusFirstProblem(element.current)
    }
    const { patch } = change
    rerun.mutate({ jobId: job.id, ...(patch === undefined ? {} : { patch }), ...typedOptions.input })
  }

  const shown = attempted ? { ...problems, ...refused } : refused
  // A refusal of a field without a place stands in the list above the parameters.
  const elsewhere = refusedElsewhere(rerun.error, () => true)
  return (
    <form
      ref={element}
      noValidate
      className="scroll-mt-4"
      onFocus={check.begin}
      onSubmit={(event) => {
        event.preventDefault()
        if (!busy) void send()
      }}
    >
      <Card
        id="rerun"
        title="Run again"
        note="as a new job; this one stays as it is"
        actions={<FormOrJson form={form} tab={tab} unreadable={unready} onChange={setTab} />}
      >
        <div data-fields>
          <ParameterFields
            form={form}
            tab={tab}
            value={edited}
            state={{ ...state, isKept: (path) => kept.has(path) }}
            problems={shown}
            onChange={(next) => {
              setEdited(next)
              setRefused({})
            }}
          />
        </div>
        <details className="mt-4">
          <summary className="w-fit rounded text-sm font-medium text-muted hover:text-ink">Options</summary>
          <div className="mt-3 max-w-md">
            <OptionsFields
              type={type}
              options={options}
              onChange={(next) => {
                setOptions(next)
                setRefused({})
              }}
              problems={{ ...typedOptions.problems, ...refused }}
            />
          </div>
        </details>
        <div className="mt-4 border-t border-line pt-3" aria-live="polite">
          <p className="mb-1 text-sm font-medium">
            {changed.length === 0
              ? 'Nothing is changed'
              : changed.length === 1
                ? '1 change'
                : `${changed.length} changes`}
            {kept.size > 0 ? (
              <span className="font-normal text-faint"> · sensitive values that stay are taken over unseen</span>
            ) : null}
          </p>
          <DifferenceList items={changed} label="What is changed" />
        </div>
        {elsewhere ? (
          <p role="alert" className="mt-3 text-sm text-danger">
            {elsewhere}
          </p>
        ) : null}
        <div className="mt-4 flex flex-wrap items-center gap-2">
          <Button type="submit" variant="primary" busy={busy}>
            {changed.length === 0 ? 'Run again unchanged' : 'Run with this change'}
          </Button>
          <Button onClick={onClose}>Close</Button>
        </div>
      </Card>
    </form>
  )
}

/**
 * Problems that only a rerun has. A member cannot become null, because null in a merge patch removes it. A masked value
 * cannot be kept in a list whose items were changed.
 */
function problemsOfRerun(change: ReturnType<typeof patchBetween>, real: Json): Record<string, string> {
  if ('nullAt' in change)
    return { [change.nullAt]: 'A value cannot be changed to null here. Remove it, or submit a new job.' }
  const masks = masksIn(change.patch, real)
  return Object.fromEntries(
    masks.map((path) => [path, 'Its list was changed, so this hidden value cannot be kept. Give it anew.']),
  )
}
