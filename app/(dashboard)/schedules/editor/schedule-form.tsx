'use client'

import { useMemo, useRef, useState } from 'react'
import { Card } from '@/app/_components/card'
import { Field, Input, describedByNote, Select } from '@/app/_components/field'
import { initialValue } from '@/app/_components/forms/form-values'
import { FormOrJson, ParameterFields } from '@/app/_components/forms/parameter-fields'
import { RecordForm, useRecordForm } from '@/app/_components/forms/record-form'
import type { Json } from '@/app/_components/forms/json'
import { formOf } from '@/app/_components/forms/schema-form'
import { focusFirstProblem, refusedFields, useFormState } from '@/app/_components/forms/use-form-state'
import { useParameterCheck } from '@/app/_components/forms/use-parameter-check'
import type { JobType, ScheduleInput } from '@/app/_trpc/types'
import { visible } from '@/server/engine/domain/visible'
import { readDraft, type Draft } from './draft'
import { RulesCard } from './rules-card'
import { TimesCard } from './times-card'

interface Props {
  types: JobType[]
  initial: Draft
  /** Undefined for a new schedule, which begins with the default parameters of the job type. */
  parameters?: Json
  submit: string
  busy: boolean
  error: unknown
  onSubmit: (input: Omit<ScheduleInput, 'organizationId' | 'enabled'>) => void
}

const NO_SCHEMA = {}
const schemaIn = (types: JobType[], name: string): unknown =>
  types.find((one) => one.name === name)?.parameterSchema ?? NO_SCHEMA

/** The form of a schedule, for a new one and for a change of an old one. */
export default function ScheduleForm({ types, initial, parameters, submit, busy, error, onSubmit }: Props) {
  const { draft, change, noteChange, fields, refused, elsewhere } = useRecordForm(initial, {
    busy,
    error,
    isPlaced: PLACED,
  })
  const type = types.find(({ name }) => name === draft.jobType)
  const schema = schemaIn(types, draft.jobType)
  const form = useMemo(() => formOf(schemaIn(types, draft.jobType)), [types, draft.jobType])
  const [value, setValue] = useState<Json>(() => parameters ?? initialValue(form) ?? {})
  const [tab, setTab] = useState<'form' | 'json'>(form.kind === 'json' ? 'json' : 'form')
  const [checking, setChecking] = useState(false)
  const element = useRef<HTMLFormElement>(null)
  const check = useParameterCheck(schema, value)
  const { state, problems, unready, attempted, setAttempted } = useFormState(check.problems)

  const read = readDraft(draft)
  const own = { ...refused, ...(attempted ? read.problems : {}) }
  const ofParameters = { ...(attempted ? problems : {}), ...inParameters(refusedFields(fields)) }

  const choose = (name: string) => {
    const next = formOf(schemaIn(types, name))
    setValue(initialValue(next) ?? {})
    setTab(next.kind === 'json' ? 'json' : 'form')
    change({ jobType: name })
  }
  const send = async () => {
    setAttempted(true)
    setChecking(true)
    const wrong = { ...(await check.checkNow()), ...unready, ...read.problems }
    setChecking(false)
    if (Object.keys(wrong).length > 0 || !type) return focusFirstProblem(element.current)
    onSubmit({ ...read.settings, parameters: value })
  }
  const typeError = attempted && !type ? 'Choose a job type.' : own.jobType
  const open = attempted ? Object.keys(problems).length + Object.keys(read.problems).length + (type ? 0 : 1) : 0

  return (
    <RecordForm
      ref={element}
      label="Schedule"
      submit={submit}
      busy={busy || checking}
      error={error}
      elsewhere={elsewhere}
      open={open}
      onFocus={check.begin}
      onSubmit={() => void send()}
      left={
        <>
          <Card id="what" title="What">
            <div className="grid gap-4 sm:grid-cols-2">
              <Field
                id="schedule-name"
                label="Name"
                required
                hint="Its jobs are submitted by this name."
                error={own.name}
              >
                <Input
                  id="schedule-name"
                  value={draft.name}
                  maxLength={100}
                  autoComplete="off"
                  {...describedByNote('schedule-name', true, own.name)}
                  onChange={(event) => change({ name: event.target.value })}
                />
              </Field>
              <Field
                id="schedule-type"
                label="Job type"
                required
                hint={type?.description || undefined}
                error={typeError}
              >
                <Select
                  id="schedule-type"
                  value={type ? draft.jobType : ''}
                  {...describedByNote('schedule-type', type?.description, typeError)}
                  onChange={(event) => choose(event.target.value)}
                >
                  <option value="" disabled>
                    Choose a job type
                  </option>
                  {types.map((one) => (
                    <option key={one.name} value={one.name} disabled={!one.enabled}>
                      {visible(one.displayName)} ({one.name}){one.enabled ? '' : ', disabled'}
                    </option>
                  ))}
                </Select>
              </Field>
            </div>
          </Card>
          <TimesCard draft={draft} problems={own} onChange={change} />
          {type ? (
            <Card
              id="parameters"
              title="Parameters"
              note="The same for each run"
              actions={<FormOrJson form={form} tab={tab} unreadable={unready} onChange={setTab} />}
            >
              <ParameterFields
                key={type.name}
                form={form}
                tab={tab}
                value={value}
                state={state}
                problems={ofParameters}
                onChange={(next) => {
                  setValue(next)
                  noteChange()
                }}
              />
            </Card>
          ) : null}
        </>
      }
      right={<RulesCard draft={draft} problems={own} onChange={change} />}
    />
  )
}

/** The fields at which a refusal is shown. */
const PLACED = /^(?:name|jobType|cron|timeZone|missed|jitterSeconds|startAt|endAt|parameters)\b/

/** The refusals at fields of the parameters. Other paths begin with `option:`, as `refusedFields` makes them. */
const inParameters = (problems: Record<string, string>) =>
  Object.fromEntries(Object.entries(problems).filter(([path]) => !path.startsWith('option:')))
