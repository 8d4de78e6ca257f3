'use client'

import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '@/app/_components/button'
import { Dialog, DialogError } from '@/app/_components/dialog'
import { Field, Input, describedByNote, Select } from '@/app/_components/field'
import { useAsk } from '@/app/_components/requests/use-ask'
import { PRIORITIES, PRIORITY_LABEL } from '@/app/_components/job-status'
import { useTRPC } from '@/app/_trpc/client'
import { refusalOf, refusedElsewhere } from '@/app/_trpc/refusal'
import type { Job } from '@/app/_trpc/types'
import { FormContext, type FormState } from '@/app/_components/forms/form-context'
import { readOptions, type Options } from '@/app/_components/forms/options-fields'
import { RawJson } from '@/app/_components/forms/raw-json'
import type { Json } from '@/app/_components/forms/json'
import { asOpened, changedMeanwhile, changesOf, isFieldOfChange, refusedChange } from './job-changes'

/**
 * Changes a job while it waits, or asks an admin to. Only what was entered here is sent, so that what somebody else
 * changed meanwhile stays as it is. Where both changed the same field, the dialog says so before it replaces the value.
 */
export default function ChangeDialog({
  job,
  asks = false,
  onChanged,
  onClose,
}: {
  job: Job
  /**
   * This person may not change the job, and asks an admin to. They cannot ask for other parameters, because parameters
   * may hold secrets.
   */
  asks?: boolean
  onChanged: (job: Job) => void
  onClose: () => void
}) {
  const trpc = useTRPC()
  // The job as it was when the dialog was opened. The page behind the dialog goes on following the job.
  const [before] = useState(() => asOpened(job))
  const [options, setOptions] = useState(before.options)
  const [parameters, setParameters] = useState<Json | undefined>(undefined)
  const [unreadable, setUnreadable] = useState<string | null>(null)
  const [reason, setReason] = useState('')
  const [refused, setRefused] = useState(NOTHING_REFUSED)
  const showRefused = (error: unknown) => setRefused(refusedChange(refusalOf(error)?.fields ?? []))
  const update = useMutation(trpc.jobs.update.mutationOptions({ onSuccess: onChanged, onError: showRefused }))
  const ask = useAsk(onClose, showRefused)
  const sending = asks ? ask : update
  // A request has no field for parameters.
  const elsewhere = refusedElsewhere(sending.error, (path) => isFieldOfChange(path, { parameters: !asks }))

  const read = readOptions(options)
  const changes = changesOf(before.options, options, read.input, parameters)
  const meanwhile = changedMeanwhile(before, job, changes)
  const wrong = Object.keys(read.problems).length > 0 || unreadable !== null
  const unavailable = wrong
    ? 'Some of it cannot be read yet.'
    : Object.keys(changes).length === 0
      ? 'Nothing is changed yet.'
      : asks && reason.trim() === ''
        ? 'Say why first.'
        : null
  // The JSON is the only field here that asks for this state. So each path means the JSON.
  const state: FormState = {
    problemAt: () => unreadable,
    touch: () => {},
    setUnreadable: (_, message) => setUnreadable(message),
  }
  const send = () => {
    const why = reason.trim()
    // Parameters are not asked for.
    const { parameters: _, ...wish } = changes
    if (asks)
      ask.mutate({
        kind: 'CHANGE_JOB',
        organizationId: job.organizationId,
        jobIds: [job.id],
        changes: wish,
        reason: why,
      })
    else update.mutate({ jobId: job.id, changes, ...(why ? { reason: why } : {}) })
  }

  return (
    <Dialog
      wide
      title={asks ? 'Ask to change this job?' : 'Change this job'}
      text={
        asks
          ? 'You may not change it yourself. An admin of the organization sees what you ask for, and decides.'
          : 'It keeps its place in the history, which says what was changed. A worker takes it as it is then.'
      }
      busy={sending.isPending}
      onClose={onClose}
    >
      <form
        noValidate
        className="mt-4 grid gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          setRefused(NOTHING_REFUSED)
          if (!unavailable) send()
        }}
      >
        <OptionFields
          options={options}
          isRetry={job.status !== 'PENDING'}
          problemOf={(key) => read.problems[`option:${key}`] ?? refused.options[key] ?? null}
          onChange={(change) => {
            setOptions({ ...options, ...change })
            setRefused(NOTHING_REFUSED)
          }}
        />
        {asks ? null : (
          <div className="grid gap-1.5">
            <p className="text-sm font-medium">Parameters</p>
            <FormContext value={state}>
              <RawJson
                value={parameters === undefined ? (job.parameters as Json) : parameters}
                onChange={(next) => {
                  setParameters(next)
                  setRefused(NOTHING_REFUSED)
                }}
                problems={refused.parameters}
              />
            </FormContext>
          </div>
        )}
        <Field
          id="change-reason"
          label="Reason"
          required={asks}
          hint={
            asks
              ? 'The admin who decides reads the reason, and it is kept in the history.'
              : 'Optional. The reason is kept in the job’s history.'
          }
        >
          <Input
            id="change-reason"
            // The server takes no longer reason.
            maxLength={500}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        </Field>
        <p role="status" className="text-sm text-warning empty:hidden">
          {meanwhile.length > 0
            ? `Since you opened this, ${allOf.format(meanwhile)} changed. Yours would replace ${meanwhile.length === 1 ? 'it' : 'them'}.`
            : null}
        </p>
        {elsewhere ? <DialogError>{elsewhere}</DialogError> : null}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Keep as it is</Button>
          <Button type="submit" variant="primary" busy={sending.isPending} unavailable={unavailable}>
            {asks ? 'Ask an admin' : 'Change job'}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

const NOTHING_REFUSED = refusedChange([])
const allOf = new Intl.ListFormat('en', { type: 'conjunction' })

/** The fields for how and when the job runs. */
function OptionFields({
  options,
  isRetry,
  problemOf,
  onChange,
}: {
  options: Options
  /** The job has failed before. So the time is that of its next retry. */
  isRetry: boolean
  problemOf: (key: keyof Options) => string | null
  onChange: (change: Partial<Options>) => void
}) {
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Field id="change-priority" label="Priority" error={problemOf('priority')}>
        <Select
          id="change-priority"
          value={options.priority}
          onChange={(event) => onChange({ priority: event.target.value as Options['priority'] })}
        >
          {PRIORITIES.map((priority) => (
            <option key={priority} value={priority}>
              {PRIORITY_LABEL[priority]}
            </option>
          ))}
        </Select>
      </Field>
      <Field
        id="change-runAt"
        label={isRetry ? 'Next retry' : 'Run at'}
        hint="A time that has passed means now."
        error={problemOf('runAt')}
      >
        <Input
          id="change-runAt"
          type="datetime-local"
          step={1}
          value={options.runAt}
          {...describedByNote('change-runAt', true, problemOf('runAt'))}
          onChange={(event) => onChange({ runAt: event.target.value })}
        />
      </Field>
      <Field id="change-maxRetries" label="Retries" error={problemOf('maxRetries')}>
        <Input
          id="change-maxRetries"
          inputMode="numeric"
          value={options.maxRetries}
          {...describedByNote('change-maxRetries', null, problemOf('maxRetries'))}
          onChange={(event) => onChange({ maxRetries: event.target.value })}
        />
      </Field>
      <Field id="change-timeoutSeconds" label="Timeout, s" error={problemOf('timeoutSeconds')}>
        <Input
          id="change-timeoutSeconds"
          inputMode="numeric"
          value={options.timeoutSeconds}
          {...describedByNote('change-timeoutSeconds', null, problemOf('timeoutSeconds'))}
          onChange={(event) => onChange({ timeoutSeconds: event.target.value })}
        />
      </Field>
    </div>
  )
}
