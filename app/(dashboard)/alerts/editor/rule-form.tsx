'use client'

import { useRef, useState } from 'react'
import { Button } from '@/app/_components/button'
import { Card } from '@/app/_components/card'
import { DialogError } from '@/app/_components/dialog'
import { Field, Input, describedByNote } from '@/app/_components/field'
import { focusFirstProblem } from '@/app/_components/forms/use-form-state'
import { messageOf, refusalOf } from '@/app/_trpc/refusal'
import { useLeaveWarning } from '../../job-types/editor/use-leave-warning'
import { sentenceOf } from '../../schedules/editor/draft'
import { ConditionCard } from './condition-card'
import { readDraft, type Draft, type Settings } from './draft'
import { QuietCard } from './quiet-card'
import { TargetsCard } from './targets-card'

interface Props {
  /** Null: the platform. */
  owner: string | null
  initial: Draft
  submit: string
  busy: boolean
  error: unknown
  onSubmit: (input: Settings) => void
}

/** The form of a rule, new or old. */
export default function RuleForm({ owner, initial, submit, busy, error, onSubmit }: Props) {
  const [draft, setDraft] = useState(initial)
  const [changed, setChanged] = useState(false)
  const [attempted, setAttempted] = useState(false)
  const element = useRef<HTMLFormElement>(null)
  useLeaveWarning(changed && !busy)
  const { settings, problems: wrong } = readDraft(draft)
  const fields = refusalOf(error)?.fields ?? []
  const ofServer = Object.fromEntries(fields.map(({ path, message }) => [placeOf(path), sentenceOf(message)]))
  const problems = { ...ofServer, ...(attempted ? wrong : {}) }
  const isPlaced = fields.length > 0 && fields.every(({ path }) => PLACED.test(placeOf(path)))
  const open = attempted ? Object.keys(wrong).length : 0
  const change = (next: Partial<Draft>) => {
    setDraft({ ...draft, ...next })
    setChanged(true)
  }
  const send = () => {
    setAttempted(true)
    if (Object.keys(wrong).length > 0) return requestAnimationFrame(() => focusFirstProblem(element.current))
    onSubmit(settings)
  }
  return (
    <form
      ref={element}
      noValidate
      aria-label="Alert rule"
      onSubmit={(event) => {
        event.preventDefault()
        if (!busy) send()
      }}
    >
      <div className="grid items-start gap-4 xl:grid-cols-2">
        <div className="grid min-w-0 gap-4">
          <Card id="what" title="What">
            <Field id="rule-name" label="Name" required hint="It stands in every message." error={problems.name}>
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
          <ConditionCard owner={owner} draft={draft} problems={problems} onChange={change} />
        </div>
        <div className="grid min-w-0 gap-4">
          <TargetsCard draft={draft} problems={problems} onChange={change} />
          <QuietCard owner={owner} draft={draft} problems={problems} onChange={change} />
        </div>
      </div>
      <div className="sticky bottom-0 z-10 -mx-4 mt-4 border-t border-line bg-canvas px-4 py-3 lg:-mx-page lg:px-page">
        {error && !isPlaced ? <DialogError>{messageOf(error)}</DialogError> : null}
        <div className="mt-1 flex flex-wrap items-center gap-3">
          <Button type="submit" variant="primary" size="lg" busy={busy}>
            {submit}
          </Button>
          <p aria-live="polite" className="text-sm text-danger">
            {open > 0
              ? `${open} ${open === 1 ? 'field needs' : 'fields need'} attention.`
              : isPlaced
                ? 'The server refused the marked fields.'
                : ''}
          </p>
        </div>
      </div>
    </form>
  )
}

/** The field of the form at which a refusal is shown: `changes.targets[1].to[0]` belongs to `targets.1`. */
const placeOf = (path: string): string =>
  path
    .replace(/^changes\./, '')
    .replace(/^targets(?:\[|\.)(\d+).*$/, 'targets.$1')
    .replace(/^quietHours\..*$/, 'quietHours')
const PLACED = /^(?:name|targets\.\d+|quietHours|condition\.\w+)$/
