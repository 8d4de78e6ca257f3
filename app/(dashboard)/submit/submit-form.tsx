'use client'

import { useMutation } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useMemo, useRef, useState, type FormEvent } from 'react'
import { Button } from '@/app/_components/button'
import { Card } from '@/app/_components/card'
import { useScope } from '@/app/_components/shell/organization'
import { useTRPC } from '@/app/_trpc/client'
import { refusalOf } from '@/app/_trpc/refusal'
import type { JobType, SubmitJobInput } from '@/app/_trpc/types'
import { FormOrJson, ParameterFields } from '@/app/_components/forms/parameter-fields'
import {
  NO_OPTIONS,
  OptionsFields,
  readOptions,
  SubmissionOptions,
  type Options,
} from '@/app/_components/forms/options-fields'
import { initialValue } from '@/app/_components/forms/form-values'
import type { Json } from '@/app/_components/forms/json'
import { formOf } from '@/app/_components/forms/schema-form'
import { focusFirstProblem, refusedFields, useFormState } from '@/app/_components/forms/use-form-state'
import { useParameterCheck } from '@/app/_components/forms/use-parameter-check'
import { RefusalBanner } from './refusal-banner'
import { randomKey, submissionKeys } from './submission-keys'

// The form that submits a job of one type, made from the JSON Schema of the type.

interface Props {
  organizationId: string
  type: JobType
}

export function SubmitForm({ organizationId, type }: Props) {
  const trpc = useTRPC()
  const router = useRouter()
  const { href } = useScope()
  const form = useMemo(() => formOf(type.parameterSchema), [type.parameterSchema])
  const [value, setValue] = useState<Json>(() => initialValue(form) ?? {})
  const [options, setOptions] = useState<Options>(NO_OPTIONS)
  const [tab, setTab] = useState<'form' | 'json'>(form.kind === 'json' ? 'json' : 'form')
  const [checking, setChecking] = useState(false)
  const [keyOf] = useState(() => submissionKeys(randomKey))
  const element = useRef<HTMLFormElement>(null)
  const check = useParameterCheck(type.parameterSchema, value)
  const { state, problems, unready, attempted, setAttempted, refused, setRefused } = useFormState(check.problems)
  const read = readOptions(options)
  const submit = useMutation(
    trpc.jobs.submit.mutationOptions({
      onSuccess: (job) => router.push(href(`/jobs/${job.id}`)),
      onError: (error) => {
        const refusal = refusalOf(error)
        // A duplicate is no mistake in a field. The banner shows how to go on.
        setRefused(refusedFields(refusal?.reason === 'DUPLICATE_JOB' ? [] : (refusal?.fields ?? [])))
        focusFirstProblem(element.current)
      },
    }),
  )

  // The button stays busy until the page of the new job opens. Otherwise another click would make another job.
  const busy = submit.isPending || submit.isSuccess || checking
  const send = async (override: Partial<SubmitJobInput> = {}) => {
    setAttempted(true)
    setRefused({})
    setChecking(true)
    const wrong = { ...(await check.checkNow()), ...unready, ...read.problems }
    setChecking(false)
    if (Object.keys(wrong).length > 0) {
      submit.reset()
      focusFirstProblem(element.current)
      return
    }
    const input = { organizationId, jobType: type.name, parameters: value, ...read.input, ...override }
    submit.mutate({ ...input, idempotencyKey: keyOf(input) })
  }
  const onSubmit = (event: FormEvent) => {
    event.preventDefault()
    if (!busy) void send()
  }

  const shown = attempted ? { ...problems, ...refused } : refused
  const optionProblems = { ...(attempted ? read.problems : {}), ...refused }
  const open = attempted ? Object.keys(problems).length + Object.keys(read.problems).length : 0
  // A refusal is about what was sent, so it goes when something is changed. Otherwise "Run it again anyway" would stand
  // below parameters that the server has not compared with other jobs.
  const forgetRefusal = () => {
    setRefused({})
    if (submit.error) submit.reset()
  }
  const changeOptions = (next: Options) => {
    setOptions(next)
    forgetRefusal()
  }

  return (
    // The form is at least as high as the screen, so that the button stays in place when the fields above it grow.
    <form
      ref={element}
      noValidate
      onSubmit={onSubmit}
      onFocus={check.begin}
      className="mt-5 flex min-h-[calc(100dvh-11rem)] flex-col"
    >
      <div className="grid items-start gap-4 lg:grid-cols-aside">
        <Card
          id="parameters"
          title="Parameters"
          actions={<FormOrJson form={form} tab={tab} unreadable={unready} onChange={setTab} />}
        >
          <ParameterFields
            form={form}
            tab={tab}
            value={value}
            state={state}
            problems={shown}
            onChange={(next) => {
              setValue(next)
              forgetRefusal()
            }}
          />
        </Card>
        <div className="grid gap-4">
          <Card id="options" title="Options">
            <OptionsFields type={type} options={options} onChange={changeOptions} problems={optionProblems}>
              <SubmissionOptions
                organizationId={organizationId}
                options={options}
                onChange={changeOptions}
                problems={optionProblems}
              />
            </OptionsFields>
          </Card>
        </div>
      </div>

      <div className="sticky bottom-0 z-10 -mx-4 mt-auto border-t border-line bg-canvas px-4 py-3 lg:-mx-page lg:px-page">
        {submit.error && Object.keys(refused).length === 0 ? (
          <RefusalBanner
            key={submit.submittedAt}
            error={submit.error}
            onRunAgain={() => void send({ dedupe: false })}
            busy={busy}
          />
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
