'use client'

import { X } from 'lucide-react'
import { Button } from '@/app/_components/button'
import { ChoiceFilter } from '@/app/_components/choice-filter'
import { Input } from '@/app/_components/field'
import { SearchField } from '@/app/_components/search-field'
import { useScope } from '@/app/_components/shell/organization'
import { toLocalInput } from '@/app/_components/time'
import { AUDIT_ACTIONS } from '@/server/engine/domain/audit/actions'
import { KIND_LABEL } from './objects'
import { isFiltered, SINCE, SINCE_LABEL, type Params } from './params'
import { useActors } from './use-audit'

interface Props {
  params: Params
  onChange: (change: Partial<Params>) => void
  onClear: () => void
}

const ACTIONS = AUDIT_ACTIONS.map(({ action, label }) => ({ value: action, label: capital(label) })).sort((a, b) =>
  a.label.localeCompare(b.label),
)
const KINDS = Object.entries(KIND_LABEL).map(([value, label]) => ({ value, label }))
const BETWEEN = 'between'
const TIMES = [
  ...SINCE.map((since) => ({ value: since as string, label: SINCE_LABEL[since] })),
  { value: BETWEEN, label: 'Between…' },
]

/** Who, what, about which object, and when. All of it stands in the URL. */
export function FilterBar({ params, onChange, onClear }: Props) {
  const { organizationId, viewer } = useScope()
  const actors = useActors()
  const between = params.after !== null || params.before !== null
  return (
    <div role="search" aria-label="Filter the audit" className="mb-3 flex flex-wrap items-center gap-2">
      <ChoiceFilter
        name="Who"
        any="Anybody"
        options={(actors.data?.items ?? []).flatMap(({ id, name, type }) =>
          id === null ? [] : [{ value: id, label: type === 'key' ? `${name} (API key)` : name }],
        )}
        value={params.person}
        onChange={(person) => onChange({ person })}
      />
      <ChoiceFilter
        name="Act"
        any="Any act"
        options={ACTIONS}
        value={params.action}
        onChange={(action) => onChange({ action })}
      />
      <ChoiceFilter
        name="About"
        any="Anything"
        options={KINDS}
        value={params.kind}
        onChange={(kind) => onChange({ kind, object: null })}
      />
      {params.kind ? (
        <SearchField
          label="Name of the job type, or id of the object"
          placeholder={params.kind === 'jobType' || params.kind === 'circuit' ? 'Name of the job type' : 'Its id'}
          value={params.object ?? ''}
          onChange={(object) => onChange({ object: object || null })}
        />
      ) : null}
      <ChoiceFilter
        name="When"
        any="At any time"
        options={TIMES}
        value={between ? BETWEEN : params.since}
        onChange={(time) => {
          const now = Math.floor(Date.now() / 60_000) * 60_000
          const since = SINCE.find((one) => one === time) ?? null
          onChange(
            time === BETWEEN
              ? { since, after: new Date(now - 86_400_000), before: new Date(now) }
              : { since, after: null, before: null },
          )
        }}
      />
      {viewer.systemAdmin && !organizationId ? (
        <Button
          aria-pressed={params.platform}
          className={params.platform ? 'border-accent! shadow-none' : 'shadow-none'}
          onClick={() => onChange({ platform: !params.platform })}
        >
          Platform only
        </Button>
      ) : null}
      {isFiltered(params) ? (
        <Button variant="ghost" onClick={onClear}>
          <X aria-hidden /> Clear
        </Button>
      ) : null}
      {between ? (
        <div className="flex basis-full flex-wrap items-center gap-2 text-sm text-muted">
          <DateField label="At or after" value={params.after} onChange={(after) => onChange({ after })} />
          <span aria-hidden>to</span>
          <DateField label="Before" value={params.before} onChange={(before) => onChange({ before })} />
        </div>
      ) : null}
    </div>
  )
}

function DateField({
  label,
  value,
  onChange,
}: {
  label: string
  value: Date | null
  onChange: (value: Date | null) => void
}) {
  return (
    <span className="w-52">
      <Input
        type="datetime-local"
        step={1}
        aria-label={label}
        value={value ? toLocalInput(value) : ''}
        onChange={(event) => {
          const date = event.target.value ? new Date(event.target.value) : null
          if (!date || !Number.isNaN(date.getTime())) onChange(date)
        }}
      />
    </span>
  )
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
