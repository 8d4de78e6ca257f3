'use client'

import { use, useState } from 'react'
import { Field, FieldNote, describedByNote } from '@/app/_components/field'
import { MASK } from '@/server/engine/domain/mask'
import { visible } from '@/server/engine/domain/visible'
import { BranchesField } from './branches-field'
import { ColumnsField } from './columns-field'
import { Control } from './controls'
import { FormContext, type FieldOf, type FieldProps as Props, type DrawField } from './form-context'
import { Group, idOf } from './group'
import { useChosenFile } from './use-chosen-file'
import { KeepAgain, KeptField } from './kept-field'
import { ArrayField, ChoicesField, TupleField } from './list-fields'
import { OpenFields } from './open-fields'
import { withField } from './form-values'
import { labelOf, type FormField } from './form-node'
import { childPath, isObject, ownMember, type Json } from './json'

/** One field of the form, with everything inside it. */
export function SchemaField(props: Props) {
  const { isKept } = use(FormContext)
  if (!isKept?.(props.path)) return <FieldByKind {...props} />
  if (props.value === MASK) return <KeptField {...props} />
  return (
    <>
      <FieldByKind {...props} />
      <KeepAgain onChange={props.onChange} />
    </>
  )
}

const drawField: DrawField = (props) => <SchemaField {...props} />

function FieldByKind(props: Props) {
  const { node, required } = props
  switch (node.kind) {
    case 'object':
      return <ObjectField {...props} node={node} />
    case 'array':
      return <ArrayField {...props} node={node} drawField={drawField} />
    case 'tuple':
      return <TupleField {...props} node={node} drawField={drawField} />
    case 'branches':
      return <BranchesField {...props} node={node} drawField={drawField} />
    case 'columns':
      return <ColumnsField {...props} />
    case 'choices':
      return <ChoicesField {...props} node={node} />
    default:
      if (node.kind === 'boolean' && (required || node.initial !== undefined)) return <YesOrNo {...props} />
      return <LabeledControl {...props} />
  }
}

/**
 * A box to tick. A box cannot show a value that is neither yes nor no, such as one of another version of the schema. Such
 * a value gets a list to choose from. It stays a list afterwards, so that the focus is not lost with the choice.
 */
function YesOrNo(props: Props) {
  const [isList, setIsList] = useState(false)
  if (!isList && props.value !== undefined && typeof props.value !== 'boolean') setIsList(true)
  return isList ? <LabeledControl {...props} /> : <CheckboxField {...props} />
}

function LabeledControl(props: Props) {
  const { node, name, path, required } = props
  const { problemAt, touch } = use(FormContext)
  const id = idOf(path)
  const error = problemAt(path)
  const wide = node.kind === 'json' || node.kind === 'upload' || (node.kind === 'text' && node.format === 'multiline')
  return (
    <Field
      id={id}
      label={labelOf(name, node)}
      required={required}
      hint={node.description}
      error={error}
      className={wide ? 'sm:col-span-2' : undefined}
    >
      {/* A control keeps what is typed in it, also when its item moves up in a list. So its path is not its key. */}
      <Control {...props} aria={{ id, ...describedByNote(id, node.description, error), onBlur: () => touch(path) }} />
    </Field>
  )
}

function CheckboxField({ node, name, path, value, onChange }: Props) {
  const { problemAt, touch } = use(FormContext)
  const id = idOf(path)
  const error = problemAt(path)
  return (
    <div className="self-center">
      <label className="flex items-center gap-2.5 text-sm font-medium">
        <input
          id={id}
          type="checkbox"
          className="size-4 accent-(--accent)"
          checked={value === true}
          {...describedByNote(id, node.description, error)}
          onBlur={() => touch(path)}
          onChange={(event) => onChange(event.target.checked)}
        />
        {visible(labelOf(name, node))}
      </label>
      <div className="pl-6.5">
        <FieldNote id={id} hint={node.description} error={error} />
      </div>
    </div>
  )
}

/** The name of a file has no field of its own: it stands where the file is chosen. */
const isShown = ({ node }: FormField) => node.kind !== 'file-name'

function ObjectField(props: FieldOf<'object'>) {
  const { node, path, required, value, onChange } = props
  const object = isObject(value) ? (value as { [key: string]: Json }) : {}
  // An optional object without any member is not sent at all.
  const set = (next: Json | undefined) =>
    onChange(isObject(next) && Object.keys(next).length === 0 && !required ? undefined : next)
  const onFile = useChosenFile(node, object, set)
  const fields = (
    <div className="grid items-start gap-x-4 gap-y-4 sm:grid-cols-2">
      {node.fields.filter(isShown).map((field) => (
        <SchemaField
          key={field.name}
          node={field.node}
          name={field.name}
          path={childPath(path, field.name)}
          required={field.required}
          value={ownMember(object, field.name)}
          onChange={(next) => set(withField(object, field.name, next))}
          onFile={field.node.kind === 'upload' ? onFile : undefined}
        />
      ))}
      {node.rest ? (
        <OpenFields
          rest={node.rest}
          known={node.fields.map((field) => field.name)}
          path={path}
          value={value}
          onChange={set}
          drawField={drawField}
        />
      ) : null}
    </div>
  )
  if (path === '' || node.bare) return fields
  return (
    <Group {...props} lined>
      {fields}
    </Group>
  )
}
