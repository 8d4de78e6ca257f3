import type { Problems } from '@/app/_components/forms/check-parameters'
import type { Options } from '@/app/_components/forms/options-fields'
import { refusedFields } from '@/app/_components/forms/use-form-state'
import { sameJson, type Json } from '@/app/_components/forms/json'
import { PRIORITY_LABEL } from '@/app/_components/job-status'
import { formatCount, formatNear, toLocalInput } from '@/app/_components/time'
import type { Job, UpdateJobInput } from '@/app/_trpc/types'

export type JobChanges = UpdateJobInput['changes']

/** A job as it was when somebody opened the dialog that changes it. */
export interface JobBefore {
  options: Options
  parameters: Json
}

export const asOpened = (job: Job): JobBefore => ({ options: optionsOf(job), parameters: job.parameters as Json })

/** When it runs next, in milliseconds since 1970. */
const timeOf = (job: Job) => Date.parse(job.nextRetryAt ?? job.runAt)

/** The options of a job, as the fields of a form hold them. */
const optionsOf = (job: Job): Options => ({
  priority: job.priority,
  runAt: toLocalInput(new Date(timeOf(job))),
  maxRetries: String(job.maxRetries),
  timeoutSeconds: String(job.timeoutSeconds),
  // These two are for new jobs only. The dialog has no fields for them.
  again: false,
  dependsOn: [],
})

/**
 * What to send: only the fields that the person changed.
 * @param read what the fields say, as the API takes it
 * @param parameters the new parameters; undefined where nobody touched them
 */
export function changesOf(
  before: Options,
  now: Options,
  { priority, runAt, maxRetries, timeoutSeconds }: JobChanges,
  parameters: Json | undefined,
): JobChanges {
  return {
    ...(now.priority !== before.priority && { priority }),
    ...(now.runAt !== before.runAt && runAt !== undefined && { runAt }),
    ...(now.maxRetries !== before.maxRetries && maxRetries !== undefined && { maxRetries }),
    ...(now.timeoutSeconds !== before.timeoutSeconds && timeoutSeconds !== undefined && { timeoutSeconds }),
    ...(parameters !== undefined && { parameters }),
  }
}

/** What a field is called in a sentence, and the value that the job has now. */
const IN_WORDS: Record<'priority' | 'runAt' | 'maxRetries' | 'timeoutSeconds', (job: Job) => string> = {
  priority: (job) => `the priority (now ${PRIORITY_LABEL[job.priority]})`,
  runAt: (job) => `the time (now ${formatNear(timeOf(job), Date.now())})`,
  maxRetries: (job) => `the retries (now ${job.maxRetries})`,
  timeoutSeconds: (job) => `the timeout (now ${formatCount(job.timeoutSeconds)} s)`,
}

/**
 * The fields that the person is about to change although the job has got another value since the dialog was opened.
 * Their change would replace a value that they have not seen.
 */
export function changedMeanwhile(before: JobBefore, job: Job, changes: JobChanges): string[] {
  const now = optionsOf(job)
  const keys = Object.keys(IN_WORDS) as (keyof typeof IN_WORDS)[]
  const options = keys.filter((key) => key in changes && now[key] !== before.options[key])
  const parameters = 'parameters' in changes && !sameJson(job.parameters as Json, before.parameters)
  return [...options.map((key) => IN_WORDS[key](job)), ...(parameters ? ['the parameters'] : [])]
}

/** True for a path of a refusal that has a field in the dialog. The parameters have one where `parameters` is true. */
export function isFieldOfChange(path: string, { parameters }: { parameters: boolean }): boolean {
  const own = path.replace(/^changes\./, '')
  return own in IN_WORDS || (parameters && /^parameters(?:[.[]|$)/.test(own))
}

/** What the server refused of a change, as sentences: by the name of the option, and by the path in the parameters. */
export function refusedChange(fields: readonly { path: string; message: string }[]): {
  options: Problems
  parameters: Problems
} {
  const OPTION = 'option:'
  const refused = Object.entries(
    refusedFields(fields.map(({ path, message }) => ({ path: path.replace(/^changes\./, ''), message }))),
  )
  const isOption = (path: string) => path.startsWith(OPTION)
  return {
    options: Object.fromEntries(
      refused.filter(([path]) => isOption(path)).map(([path, message]) => [path.slice(OPTION.length), message]),
    ),
    parameters: Object.fromEntries(
      refused.filter(([path]) => !isOption(path)).map(([path, message]) => [path || 'parameters', message]),
    ),
  }
}
