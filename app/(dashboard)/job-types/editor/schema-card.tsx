import { useDeferredValue, useMemo, useState } from 'react'
import { Card } from '@/app/_components/card'
import { Textarea } from '@/app/_components/field'
import type { Problems } from '@/app/_components/forms/check-parameters'
import { FormContext, type FormState } from '@/app/_components/forms/form-context'
import { ProblemList } from '@/app/_components/forms/problem-list'
import { SchemaField } from '@/app/_components/forms/schema-field'
import { useParameterCheck } from '@/app/_components/forms/use-parameter-check'
import { initialValue } from '@/app/_components/forms/form-values'
import type { Json } from '@/app/_components/forms/json'
import { formOf } from '@/app/_components/forms/schema-form'
import { Setting, type Editing } from './editor-fields'

/** The JSON Schema of the parameters, and beside it the form that it makes. */
export function SchemaCard({ editing }: { editing: Editing }) {
  const { form, onChange, problems, config } = editing
  const within = Object.entries(problems).filter(([path]) => /^parameterSchema[.[]/.test(path))
  const shown: [string, string][] = within.map(([path, message]) => [path.replace(/^parameterSchema\.?/, ''), message])
  const wrong = within.length > 0 || problems.parameterSchema !== undefined
  return (
    <Card id="parameters" title="Parameters" padded={false}>
      <div className="grid lg:grid-cols-2">
        <div className="min-w-0 p-4">
          <Setting
            path="parameterSchema"
            label="JSON Schema"
            editing={editing}
            hint="A JSON Schema. It judges submissions and draws the form; fields stand in its order."
          >
            {(control) => (
              <Textarea
                {...control}
                mono
                spellCheck={false}
                autoComplete="off"
                wrap="off"
                rows={Math.min(30, Math.max(12, form.parameterSchema.split('\n').length + 1))}
                value={form.parameterSchema}
                onChange={(event) => onChange({ parameterSchema: event.target.value })}
              />
            )}
          </Setting>
          {shown.length > 0 ? (
            <div className="mt-3">
              <ProblemList problems={shown} />
            </div>
          ) : null}
        </div>
        <section
          aria-label="The form that it draws"
          className="min-w-0 border-t border-line bg-canvas p-4 max-lg:rounded-b-lg lg:rounded-br-lg lg:border-t-0 lg:border-l"
        >
          <p className="mb-3 text-xs text-faint">
            {wrong
              ? 'The form stands as before until the schema can be read.'
              : 'The form that it draws. Try it: nothing is sent.'}
          </p>
          <LiveForm schema={config.parameterSchema} wrong={wrong} />
        </section>
      </div>
    </Card>
  )
}

/**
 * The form of the last schema that could be used. Drawing it waits while somebody types, so that typing stays quick.
 */
function LiveForm({ schema, wrong }: { schema: Json; wrong: boolean }) {
  const [last, setLast] = useState(schema)
  if (!wrong && schema !== last && JSON.stringify(schema) !== JSON.stringify(last)) setLast(schema)
  const drawn = useDeferredValue(last)
  return <DrawnForm key={JSON.stringify(drawn)} schema={drawn} />
}

/** The form that a schema makes, to try it out. What is typed is checked and goes nowhere. */
export function DrawnForm({ schema }: { schema: Json }) {
  const node = useMemo(() => formOf(schema), [schema])
  const [value, setValue] = useState<Json>(() => initialValue(node) ?? {})
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set())
  const [unreadable, setUnreadable] = useState<Problems>({})
  const check = useParameterCheck(schema, value)
  const problems = { ...check.problems, ...unreadable }
  const state: FormState = {
    problemAt: (path) => (touched.has(path) || unreadable[path] ? problems[path] : undefined) ?? null,
    touch: (path) => {
      if (!touched.has(path)) setTouched(new Set([...touched, path]))
    },
    setUnreadable: (path, message) =>
      setUnreadable((known) => {
        if ((known[path] ?? null) === message) return known
        const { [path]: _, ...rest } = known
        return message ? { ...rest, [path]: message } : rest
      }),
  }
  if (node.kind === 'object' && node.fields.length === 0)
    return <p className="text-sm text-faint">This job type takes no parameters.</p>
  if (node.kind !== 'object' && node.kind !== 'branches')
    return <p className="text-sm text-faint">The submit page asks for the parameters as JSON.</p>
  return (
    <FormContext value={state}>
      <div onFocus={check.begin}>
        <SchemaField node={node} name="" path="" required value={value} onChange={(next) => setValue(next ?? {})} />
      </div>
    </FormContext>
  )
}
