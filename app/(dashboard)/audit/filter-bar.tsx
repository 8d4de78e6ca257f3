'use client'

import { X } from 'lucide-react'
import BetweenDates from '@/app/_components/between-dates'
import { useState } from 'react'
import { Button } from '@/app/_components/button'
import { ChoiceFilter } from '@/app/_components/choice-filter'
import { SearchField } from '@/app/_components/search-field'
import { NotRead } from '@/app/_components/page/not-read'
import { useScope } from '@/app/_components/shell/organization'
import { AUDIT_ACTIONS } from '@/server/engine/domain/audit/actions'
import { isUuid } from '@/server/engine/domain/uuid'
import { KIND_LABEL } from './objects'
import { isFiltered, SINCE, SINCE_LABEL, type Params } from './params'
import { useActors } from './use-audit'
import { useObjects } from './use-objects'

interface Props {
  params: Params
  onChange: (change: Partial<Params>) => void
  onClear: () => void
}

const ACTIONS = AUDIT_ACTIONS.map(({ action, label }) => ({ value: action, label: capital(label) })).sort((a, b) =>
  a.label.localeCompare(b.label),
)
const KINDS = Object.entries(KIND_LABEL).map(([value, label]) => ({ value, label }))
/** The value of the choice "Between…", which shows two fields for times. */
const BETWEEN = 'between'
/** The value of the choices "Another, by its id…". It differs from every id, because no id has a star. */
const ANOTHER = '*'
const TIMES = [
  ...SINCE.map((since) => ({ value: since as string, label: SINCE_LABEL[since] })),
  { value: BETWEEN, label: 'Between…' },
]

/** Filters by person, act, object and time. The URL holds all of them. */
export function FilterBar({ params, onChange, onClear }: Props) {
  const { organizationId, viewer } = useScope()
  const actors = useActors()
  const objects = useObjects(params.kind)
  // What was removed is no longer in the list of objects. Its entries are found by its id.
  const [byId, setById] = useState(false)
  const [whoById, setWhoById] = useState(false)
  const between = params.after !== null || params.before !== null
  return (
    <div role="search" aria-label="Filter the audit" className="mb-3 flex flex-wrap items-center gap-2">
      <ChoiceFilter
        name="Who"
        any="Anybody"
        options={[...actors.options, { value: ANOTHER, label: 'Another, by their id…' }]}
        note={
          actors.isCut ? 'Not everybody who did something here may be listed. Others are found by their id.' : undefined
        }
        value={whoById ? ANOTHER : params.person}
        onChange={(person) => {
          setWhoById(person === ANOTHER)
          onChange({ person: person === ANOTHER ? null : person })
        }}
      />
      {whoById ? (
        <SearchField
          label="Id of the person or key"
          placeholder="Their id"
          problemOf={(text) => (isUuid(text) ? null : 'This is no id')}
          value={params.person ?? ''}
          onChange={(person) => onChange({ person: person || null })}
        />
      ) : null}
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
        onChange={(kind) => {
          setById(false)
          onChange({ kind, object: null })
        }}
      />
      {objects.options ? (
        <ChoiceFilter
          name="Which"
          any="Any of them"
          options={[...objects.options, { value: ANOTHER, label: 'Another, by its id…' }]}
          value={byId ? ANOTHER : params.object}
          onChange={(object) => {
            setById(object === ANOTHER)
            onChange({ object: object === ANOTHER ? null : object })
          }}
        />
      ) : null}
      {params.kind && (byId || !objects.options) ? (
        <SearchField
          label="Id of the object"
          placeholder="Its id"
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
          // "Between…" begins with the last 24 hours, in whole minutes, as the fields show them.
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
        <Button
          variant="ghost"
          onClick={() => {
            setById(false)
            setWhoById(false)
            onClear()
          }}
        >
          <X aria-hidden /> Clear
        </Button>
      ) : null}
      {between ? (
        <BetweenDates
          after={params.after}
          before={params.before}
          labels={{ after: 'At or after', before: 'Before' }}
          onChange={onChange}
        />
      ) : null}
      {actors.failed ? <NotRead what="Who can be chosen" onRetry={actors.readAgain} /> : null}
      {objects.failed ? <NotRead what="What can be chosen" onRetry={objects.readAgain} /> : null}
    </div>
  )
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
