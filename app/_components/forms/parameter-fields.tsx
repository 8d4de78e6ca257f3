'use client'

import { notify } from '@/app/_components/notify'
import { Segmented } from '@/app/_components/segmented'
import type { Problems } from './check-parameters'
import { FormContext, type FormState } from './form-context'
import { ProblemList } from './problem-list'
import { RawJson } from './raw-json'
import { SchemaField } from './schema-field'
import { isObject, type Json } from './json'
import type { FormNode } from './form-node'
import { unmarked } from './unmarked'

type Tab = 'form' | 'json'

/** Switches between entering parameters field by field and as JSON. */
export function FormOrJson({
  form,
  tab,
  unreadable,
  onChange,
}: {
  form: FormNode
  tab: Tab
  unreadable: Problems
  onChange: (tab: Tab) => void
}) {
  if (form.kind === 'json') return null
  return (
    <Segmented
      label="Enter parameters as"
      value={tab}
      onChange={(next) => {
        // The other view shows the value. Text that cannot be read yet is no part of the value and would be lost.
        if (Object.keys(unreadable).length > 0) notify.error('Some of this cannot be read yet. Mend or empty it first.')
        else onChange(next)
      }}
      options={[
        { value: 'form', label: 'Form' },
        { value: 'json', label: 'JSON' },
      ]}
    />
  )
}

/** The fields for the parameters of a job, with everything that is wrong with them. */
export function ParameterFields({
  form,
  tab,
  value,
  state,
  problems,
  onChange,
}: {
  form: FormNode
  tab: Tab
  value: Json
  state: FormState
  problems: Problems
  onChange: (value: Json) => void
}) {
  /** The problems with options (true), or those with parameters (false). */
  const about = (options: boolean) =>
    Object.fromEntries(Object.entries(problems).filter(([path]) => path.startsWith('option:') === options))
  return (
    <>
      {/* In the JSON view the one control tells everything that is wrong with the parameters. So the list has only
          the problems of options. */}
      <ProblemList problems={unmarked(tab === 'form' ? problems : about(true), form, value)} />
      <FormContext value={state}>
        {tab === 'json' ? (
          <RawJson value={value} onChange={onChange} problems={about(false)} />
        ) : isEmpty(form) ? (
          <p className="text-sm text-faint">This job type takes no parameters.</p>
        ) : (
          <SchemaField node={form} name="" path="" required value={value} onChange={(next) => onChange(next ?? {})} />
        )}
      </FormContext>
      <UnknownParameters names={tab === 'form' ? strangersTo(form, value) : []} />
    </>
  )
}

const isEmpty = (form: FormNode) => form.kind === 'object' && form.fields.length === 0 && form.rest === null

/** Members for which the form has no field. They are sent as they are. */
const strangersTo = (form: FormNode, value: Json): string[] =>
  form.kind === 'object' && form.rest === null && isObject(value)
    ? Object.keys(value).filter((name) => !form.fields.some((field) => field.name === name))
    : []

const UnknownParameters = ({ names }: { names: string[] }) =>
  names.length === 0 ? null : (
    <p className="mt-4 rounded bg-sunken px-3 py-2 text-xs text-muted">
      Also set, and only to be seen as JSON: <span className="font-mono">{names.join(', ')}</span>
    </p>
  )
