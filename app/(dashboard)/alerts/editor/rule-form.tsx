'use client'

import { useRef, useState } from 'react'
import { Card } from '@/app/_components/card'
import { Field, Input, describedByNote } from '@/app/_components/field'
import { RecordForm, useRecordForm } from '@/app/_components/forms/record-form'
import { focusFirstProblem } from '@/app/_components/forms/use-form-state'
import { ConditionCard } from './condition-card'
import { readDraft, type Draft, type Settings } from './draft'
import { QuietCard } from './quiet-card'
import { TargetsCard } from './targets-card'

interface Props {
  /** The organization of the rule. Null for a rule of the platform. */
  owner: string | null
  initial: Draft
  submit: string
  busy: boolean
  error: unknown
  onSubmit: (input: Settings) => void
}

/** The form of an alert rule, for a new one and for a change of an old one. */
export default function RuleForm({ owner, initial, submit, busy, error, onSubmit }: Props) {
  const element = useRef<HTMLFormElement>(null)
  const [attempted, setAttempted] = useState(false)
  const { draft, change, refused, elsewhere } = useRecordForm(initial, {
    busy,
    error,
    isPlaced: PLACED,
    placeOf,
  })
  const { settings, problems: ownProblems } = readDraft(draft)
  // What is not filled in yet is no problem before the first attempt to save.
  const shownProblems = attempted ? ownProblems : {}
  const problems = { ...refused, ...shownProblems }
  const send = () => {
    setAttempted(true)
    if (Object.keys(ownProblems).length > 0) return focusFirstProblem(element.current)
    onSubmit(settings)
  }
  return (
    <RecordForm
      ref={element}
      label="Alert rule"
      submit={submit}
      busy={busy}
      error={error}
      elsewhere={elsewhere}
      open={Object.keys(shownProblems).length}
      onSubmit={send}
      left={
        <>
          <Card id="what" title="What">
            <Field id="rule-name" label="Name" required hint="The name stands in every message." error={problems.name}>
              <Input
                id="rule-name"
                value={draft.name}
                maxLength={100}
                autoComplete="off"
                {...describedByNote('rule-name', true, problems.name)}
                onChange={(event) => change({ name: event.target.value })}
              />
            </Field>
          </Card>
          <ConditionCard owner={owner} draft={draft} initial={initial} problems={problems} onChange={change} />
        </>
      }
      right={
        <>
          <TargetsCard draft={draft} problems={problems} onChange={change} />
          <QuietCard organizationId={owner} draft={draft} problems={problems} onChange={change} />
        </>
      }
    />
  )
}

/** The field of the form at which a refusal is shown: `targets[1].to[0]` belongs to `targets.1`. */
const placeOf = (path: string): string => path.replace(/^targets(?:\[|\.)(\d+).*$/, 'targets.$1')
/** The fields at which the form can show a refusal. */
const PLACED =
  /^(?:name|targets\.\d+|quietHours(?:\.(?:from|to))?|condition\.(?:jobType|percent|minutes|atLeast|seconds))$/
