'use client'

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useRef, useState } from 'react'
import { Card } from '@/app/_components/card'
import { DialogError } from '@/app/_components/dialog'
import { Field, Input, describedByNote } from '@/app/_components/field'
import type { Problems } from '@/app/_components/forms/check-parameters'
import { notify } from '@/app/_components/notify'
import { useScope } from '@/app/_components/shell/organization'
import { useTRPC } from '@/app/_trpc/client'
import { refusalOf, refusedElsewhere } from '@/app/_trpc/refusal'
import { BLANK, isFieldOfType, problemsFromServer, readForm, sameForm, toForm, type FormTexts } from '../editor/draft'
import { AboutCard, LimitCards, sentence, type Editing } from '../editor/editor-fields'
import { SaveBar } from '../editor/save-bar'
import { SchemaCard } from '../editor/schema-card'
import { TitleCard } from '../editor/title-card'
import { useLeaveWarning } from '@/app/_components/forms/use-leave-warning'

const EMPTY = toForm(BLANK)
const isField = (path: string) => path === 'name' || isFieldOfType(path)

/** The form for a new job type. A field that stays empty takes its default. */
export default function NewType({ handlers, pools }: { handlers: readonly string[]; pools: readonly string[] }) {
  const trpc = useTRPC()
  const router = useRouter()
  const queryClient = useQueryClient()
  const { href } = useScope()
  const [name, setName] = useState('')
  const [form, setForm] = useState<FormTexts>(EMPTY)
  const [attempted, setAttempted] = useState(false)
  const element = useRef<HTMLFormElement>(null)
  const create = useMutation(
    trpc.jobTypes.create.mutationOptions({
      onSuccess: (made) => {
        void queryClient.invalidateQueries({ queryKey: trpc.jobTypes.list.queryKey() })
        notify.success(`${made.displayName} is there`)
        router.push(href(`/job-types/${encodeURIComponent(made.name)}`))
      },
      onError: () => focusFirst(),
    }),
  )
  const busy = create.isPending || create.isSuccess
  useLeaveWarning(!busy && (name !== '' || !sameForm(form, EMPTY)))

  const read = readForm(form, { ...BLANK, name }, true)
  const refused = problemsFromServer(refusalOf(create.error)?.fields ?? [], isField)
  const elsewhere = refusedElsewhere(create.error, isField)
  const problems = { ...refused, ...read.problems }
  const shown = attempted ? problems : touchedOnly(problems, form, name)
  // The fields are marked as wrong only at the next drawing, so the focus waits for it.
  const focusFirst = () =>
    requestAnimationFrame(() =>
      element.current?.querySelector<HTMLElement>('[aria-invalid=true], [data-problems]')?.focus(),
    )
  const onChange = (change: Partial<FormTexts>) => {
    if (create.error) create.reset()
    setForm({ ...form, ...change })
  }
  const editing: Editing = { form, onChange, problems: shown, config: read.config, handlers, pools }
  const nameError = sentence(shown.name)

  return (
    <form
      ref={element}
      noValidate
      aria-label="New job type"
      onSubmit={(event) => {
        event.preventDefault()
        setAttempted(true)
        if (busy) return
        if (Object.keys(problems).length > 0) return focusFirst()
        create.mutate(read.config)
      }}
    >
      <div className="grid items-start gap-4 xl:grid-cols-2">
        <div className="grid min-w-0 gap-4">
          <Card id="name-card" title="Name">
            <Field
              id="setting-name"
              label="Name"
              required
              hint="Services submit jobs by this name, such as report.monthly. It cannot be changed later."
              error={nameError}
            >
              <Input
                id="setting-name"
                autoComplete="off"
                spellCheck={false}
                className="font-mono"
                value={name}
                {...describedByNote('setting-name', true, nameError)}
                onChange={(event) => {
                  if (create.error) create.reset()
                  setName(event.target.value)
                }}
              />
            </Field>
          </Card>
          <AboutCard editing={editing} />
          <TitleCard editing={editing} name={null} />
        </div>
        <div className="grid min-w-0 gap-4">
          <LimitCards editing={editing} />
        </div>
        <div className="min-w-0 xl:col-span-2">
          <SchemaCard editing={editing} />
        </div>
      </div>
      {elsewhere ? <DialogError>{elsewhere}</DialogError> : null}
      <SaveBar
        // Nothing is changed in a new job type, so the bar shows only what is wrong.
        changed={0}
        problems={attempted ? Object.keys(problems).length : 0}
        unavailable={null}
        busy={busy}
        review="Make job type"
      />
    </form>
  )
}

/** The problems to show before somebody tries to save. Empty fields are no mistakes yet. */
function touchedOnly(problems: Problems, form: FormTexts, name: string): Problems {
  return Object.fromEntries(
    Object.entries(problems).filter(([path]) => {
      if (path === 'name') return name !== ''
      const own = path.startsWith('parameterSchema') ? 'parameterSchema' : (path as keyof FormTexts)
      return form[own] !== EMPTY[own]
    }),
  )
}
