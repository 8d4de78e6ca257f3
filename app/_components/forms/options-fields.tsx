'use client'

import type { ReactNode } from 'react'
import { Field, Input, describedByNote, Select } from '@/app/_components/field'
import { PRIORITIES, PRIORITY_LABEL, type Priority } from '@/app/_components/job-status'
import { formatDuration, zoneNote } from '@/app/_components/time'
import type { Job, JobType, SubmitJobInput } from '@/app/_trpc/types'
import type { Problems } from './check-parameters'
import { ParentsField, type ChosenParent } from './parents-field'

/** The options that have a field. A problem with one of them is shown at its field. */
export const OPTION_FIELDS = ['priority', 'runAt', 'maxRetries', 'timeoutSeconds', 'dependsOn'] as const

/**
 * The options of a job as they were typed. An empty text means "as the job type says", and of `runAt` "as soon as
 * possible".
 */
export interface Options {
  priority: Priority | ''
  runAt: string
  maxRetries: string
  timeoutSeconds: string
  /** The job is submitted even if an equal one waits, runs or has just completed. */
  again: boolean
  dependsOn: readonly ChosenParent[]
}

export const NO_OPTIONS: Options = {
  priority: '',
  runAt: '',
  maxRetries: '',
  timeoutSeconds: '',
  again: false,
  dependsOn: [],
}

/** The options of an earlier job, where they differ from what its type sets. */
export const optionsLike = (job: Job, type: JobType): Options => ({
  ...NO_OPTIONS,
  priority: job.priority === type.priority ? '' : job.priority,
  maxRetries: job.maxRetries === type.maxRetries ? '' : String(job.maxRetries),
  timeoutSeconds: job.timeoutSeconds === type.timeoutSeconds ? '' : String(job.timeoutSeconds),
})

/**
 * Turns what was typed into what is sent, and tells what is wrong with it. The path of a problem begins with `option:`,
 * because a parameter may have the name of an option. The bounds are those of the server.
 */
export function readOptions(options: Options): { input: Partial<SubmitJobInput>; problems: Problems } {
  const input: Partial<SubmitJobInput> = {}
  const problems: Problems = {}
  if (options.priority) input.priority = options.priority
  if (options.again) input.dedupe = false
  if (options.dependsOn.length > 0)
    input.dependsOn = options.dependsOn.map(({ id, on }) => (on === 'completed' ? id : { job: id, on }))
  if (options.runAt) {
    const date = new Date(options.runAt)
    if (Number.isNaN(date.getTime())) problems['option:runAt'] = 'Must be a date and time.'
    else input.runAt = date.toISOString()
  }
  const whole = (key: 'maxRetries' | 'timeoutSeconds', min: number, max: number) => {
    const text = options[key].trim()
    if (text === '') return
    const n = Number(text)
    if (!Number.isInteger(n) || n < min || n > max)
      problems[`option:${key}`] = `Must be a whole number from ${min} to ${max.toLocaleString('en')}.`
    else input[key] = n
  }
  whole('maxRetries', 0, 1000)
  whole('timeoutSeconds', 1, 86_400)
  return { input, problems }
}

interface Props {
  type: JobType
  options: Options
  onChange: (options: Options) => void
  problems: Problems
  /** Further fields, below those that all forms have. */
  children?: ReactNode
}

export function OptionsFields({ type, options, onChange, problems, children }: Props) {
  const set = (change: Partial<Options>) => onChange({ ...options, ...change })
  const error = (key: string) => problems[`option:${key}`] ?? null
  return (
    <div className="grid gap-4">
      <Field id="priority" label="Priority" error={error('priority')}>
        <Select
          id="priority"
          value={options.priority}
          onChange={(event) => set({ priority: event.target.value as Options['priority'] })}
        >
          <option value="">Default ({PRIORITY_LABEL[type.priority]})</option>
          {PRIORITIES.map((priority) => (
            <option key={priority} value={priority}>
              {PRIORITY_LABEL[priority]}
            </option>
          ))}
        </Select>
      </Field>
      <Field id="runAt" label="Run at" hint={`Empty: as soon as possible. ${zoneNote()}`} error={error('runAt')}>
        <Input
          id="runAt"
          type="datetime-local"
          value={options.runAt}
          {...describedByNote('runAt', true, error('runAt'))}
          onChange={(event) => set({ runAt: event.target.value })}
        />
      </Field>
      <div className="grid grid-cols-2 gap-3">
        <Field id="maxRetries" label="Retries" hint={`Default ${type.maxRetries}`} error={error('maxRetries')}>
          <Input
            id="maxRetries"
            inputMode="numeric"
            placeholder={String(type.maxRetries)}
            value={options.maxRetries}
            {...describedByNote('maxRetries', true, error('maxRetries'))}
            onChange={(event) => set({ maxRetries: event.target.value })}
          />
        </Field>
        <Field
          id="timeoutSeconds"
          label="Timeout, s"
          hint={`Default ${formatDuration(type.timeoutSeconds * 1000)}`}
          error={error('timeoutSeconds')}
        >
          <Input
            id="timeoutSeconds"
            inputMode="numeric"
            placeholder={String(type.timeoutSeconds)}
            value={options.timeoutSeconds}
            {...describedByNote('timeoutSeconds', true, error('timeoutSeconds'))}
            onChange={(event) => set({ timeoutSeconds: event.target.value })}
          />
        </Field>
      </div>
      {children}
    </div>
  )
}

/** The options that only a new submission has: the jobs it waits for, and whether it may run beside an equal job. */
export function SubmissionOptions({
  organizationId,
  options,
  onChange,
  problems,
}: Omit<Props, 'type' | 'children'> & { organizationId: string }) {
  return (
    <>
      <ParentsField
        organizationId={organizationId}
        chosen={options.dependsOn}
        onChange={(dependsOn) => onChange({ ...options, dependsOn })}
        error={parentsProblem(problems)}
      />
      <label className="flex items-start gap-2.5 text-sm">
        <input
          type="checkbox"
          className="mt-0.5 size-4 accent-(--accent)"
          checked={options.again}
          onChange={(event) => onChange({ ...options, again: event.target.checked })}
        />
        <span>
          <span className="font-medium">Run again</span>
          <span className="block text-xs text-faint">
            Even if the same job is already waiting or running, or has just completed.
          </span>
        </span>
      </label>
    </>
  )
}

/** The problem with the parent jobs, if there is one. A refusal names a parent by its place, as in `dependsOn[2]`. */
const parentsProblem = (problems: Problems): string | null =>
  Object.entries(problems).find(([path]) => /^option:dependsOn\b/.test(path))?.[1] ?? null
