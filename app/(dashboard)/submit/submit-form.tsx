'use client'

import { useMutation } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useMemo, useRef, useState, type FormEvent } from 'react'
import { Button } from '@/app/_components/button'
import { Card } from '@/app/_components/card'
import { notify } from '@/app/_components/notify'
import { Segmented } from '@/app/_components/segmented'
import { useScope } from '@/app/_components/shell/organization'
import { useTRPC } from '@/app/_trpc/client'
import { refusalOf } from '@/app/_trpc/refusal'
import type { Job, JobType, SubmitJobInput } from '@/app/_trpc/types'
import { checkParameters, type Problems } from '@/app/_components/forms/check-parameters'
import { initialOptions, OptionsFields, readOptions, type Options } from '@/app/_components/forms/options-fields'
import { RawJson } from '@/app/_components/forms/raw-json'
import { RefusalBanner } from './refusal-banner'
import { FormContext, type FormState } from '@/app/_components/forms/form-context'
import { ProblemList } from '@/app/_components/forms/problem-list'
import { SchemaField } from '@/app/_components/forms/schema-field'
import {
  formOf,
  initialValue,
  isObject,
  ownMember,
  withoutSensitive,
  type Json,
} from '@/app/_components/forms/schema-form'
import { randomKey, submissionKeys } from './submission-keys'
import { unmarked } from '@/app/_components/forms/unmarked'

interface Props {
  organizationId: string
  type: JobType
  /** The job whose parameters it starts from. */
  template: Job | undefined
}

export function SubmitForm({ organizationId, type, template }: Props) {
  const trpc = useTRPC()
  const router = useRouter()
  const { href } = useScope()
  const form = useMemo(() => formOf(type.parameterSchema), [type.parameterSchema])
  const [value, setValue] = useState<Json>(
    () => (template ? withoutSensitive(form, template.parameters as Json) : undefined) ?? initialValue(form) ?? {},
  )
  const [options, setOptions] = useState<Options>(() => initialOptions(template))
  const [tab, setTab] = useState<'form' | 'json'>(form.kind === 'json' ? 'json' : 'form')
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set())
  const [attempted, setAttempted] = useState(false)
  const [unreadable, setUnreadable] = useState<Problems>({})
  const [refused, setRefused] = useState<Problems>({})
  const [keyOf] = useState(() => submissionKeys(randomKey))
  const element = useRef<HTMLFormElement>(null)

  const problems = useMemo(
    () => ({ ...checkParameters(type.parameterSchema, value), ...unreadable }),
    [type.parameterSchema, value, unreadable],
  )
  const read = readOptions(options)
  const submit = useMutation(
    trpc.jobs.submit.mutationOptions({
      onSuccess: (job) => router.push(href(`/jobs/${job.id}`)),
      onError: (error) => {
        const refusal = refusalOf(error)
        // A duplicate is no mistake in a field: the banner shows the ways on.
        const fields = refusal?.reason === 'DUPLICATE_JOB' ? [] : (refusal?.fields ?? [])
        setRefused(Object.fromEntries(fields.map(({ path, message }) => [ownPath(path), capital(message)])))
        focusFirst()
      },
    }),
  )

  // Until the page of the new job is there, another click would make another job.
  const busy = submit.isPending || submit.isSuccess
  const focusFirst = () =>
    requestAnimationFrame(() =>
      element.current
        ?.querySelector<HTMLElement>('[aria-invalid=true], [data-problems]')
        ?.focus({ preventScroll: false }),
    )
  const change = (next: Json) => {
    setValue(next)
    setRefused({})
  }
  const send = (override: Partial<SubmitJobInput> = {}) => {
    setAttempted(true)
    setRefused({})
    if (Object.keys(problems).length + Object.keys(read.problems).length > 0) {
      submit.reset()
      focusFirst()
      return
    }
    const input = { organizationId, jobType: type.name, parameters: value, ...read.input, ...override }
    submit.mutate({ ...input, idempotencyKey: keyOf(input) })
  }
  const onSubmit = (event: FormEvent) => {
    event.preventDefault()
    if (!busy) send()
  }

  const state: FormState = {
    problemAt: (path) =>
      ownMember(refused, path) ??
      (attempted || touched.has(path) || ownMember(unreadable, path) ? ownMember(problems, path) : undefined) ??
      null,
    touch: (path) => {
      if (!touched.has(path)) setTouched(new Set([...touched, path]))
    },
    setUnreadable: (path, message) =>
      setUnreadable((known) => {
        if ((ownMember(known, path) ?? null) === message) return known
        const { [path]: _, ...rest } = known
        return message ? { ...rest, [path]: message } : rest
      }),
  }
  const shown = attempted ? { ...problems, ...refused } : refused
  const about = (options: boolean) =>
    Object.fromEntries(Object.entries(shown).filter(([path]) => path.startsWith('option:') === options))
  const open = attempted ? Object.keys(problems).length + Object.keys(read.problems).length : 0
  const strangers =
    tab === 'form' && form.kind === 'object' && isObject(value)
      ? Object.keys(value).filter((name) => !form.fields.some((f) => f.name === name))
      : []

  return (
    <form ref={element} noValidate onSubmit={onSubmit} className="mt-5">
      <div className="grid items-start gap-4 lg:grid-cols-aside">
        <Card
          id="parameters"
          title="Parameters"
          actions={
            form.kind === 'json' ? null : (
              <Segmented
                label="Enter parameters as"
                value={tab}
                onChange={(next) => {
                  // The other side shows the value, and this text is none yet: it would be lost.
                  if (Object.keys(unreadable).length > 0)
                    notify.error('Some of this cannot be read yet. Mend or empty it first.')
                  else setTab(next)
                }}
                options={[
                  { value: 'form', label: 'Form' },
                  { value: 'json', label: 'JSON' },
                ]}
              />
            )
          }
        >
          {/* As JSON the parameters have one control, which tells all that is wrong with them. */}
          <ProblemList problems={unmarked(tab === 'form' ? shown : about(true), form, value)} />
          <FormContext value={state}>
            {tab === 'json' ? (
              <RawJson value={value} onChange={change} problems={about(false)} />
            ) : form.kind === 'object' && form.fields.length > 0 ? (
              <SchemaField node={form} name="" path="" required value={value} onChange={(next) => change(next ?? {})} />
            ) : (
              <p className="text-sm text-faint">This job type takes no parameters.</p>
            )}
          </FormContext>
          {strangers.length > 0 ? (
            <p className="mt-4 rounded bg-sunken px-3 py-2 text-xs text-muted">
              Also set, and only to be seen as JSON: <span className="font-mono">{strangers.join(', ')}</span>
            </p>
          ) : null}
        </Card>
        <div className="grid gap-4">
          <Card id="options" title="Options">
            <OptionsFields
              type={type}
              options={options}
              onChange={(next) => (setOptions(next), setRefused({}))}
              problems={{ ...(attempted ? read.problems : {}), ...refused }}
            />
          </Card>
        </div>
      </div>

      <div className="sticky bottom-0 z-10 -mx-4 mt-4 border-t border-line bg-canvas px-4 py-3 lg:-mx-page lg:px-page">
        {submit.error && Object.keys(refused).length === 0 ? (
          <RefusalBanner error={submit.error} onRunAgain={() => send({ dedupe: false })} busy={busy} />
        ) : null}
        <div className="flex flex-wrap items-center gap-3">
          <Button type="submit" variant="primary" size="lg" busy={busy}>
            Submit job
          </Button>
          <p aria-live="polite" className="text-sm text-danger">
            {Object.keys(refused).length > 0
              ? 'The server refused the marked fields.'
              : open > 0
                ? `${open} ${open === 1 ? 'field needs' : 'fields need'} attention.`
                : ''}
          </p>
        </div>
      </div>
    </form>
  )
}

/** `parameters.order.id` is `order.id` in the form; other fields keep their name with a mark. */
function ownPath(path: string): string {
  if (path === 'parameters') return ''
  if (path.startsWith('parameters.')) return path.slice('parameters.'.length)
  if (path.startsWith('parameters[')) return path.slice('parameters'.length)
  return `option:${path}`
}
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? '' : '.')
