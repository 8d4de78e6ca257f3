'use client'

import { Plus, Trash2 } from 'lucide-react'
import { use, useState } from 'react'
import { Button, IconButton } from '@/app/_components/button'
import { cn } from '@/app/_components/cn'
import { Field, FieldNote, noted } from '@/app/_components/field'
import { Control, type Aria } from './controls'
import { FormContext, type FieldProps as Props } from './form-context'
import {
  childPath,
  initialValue,
  isObject,
  labelOf,
  ownMember,
  same,
  withField,
  type FormNode,
  type Json,
} from './schema-form'
import { visible } from '@/server/engine/domain/visible'

/** One field of the form, with all that lies inside it. */
export function SchemaField(props: Props) {
  const { node, path, required } = props
  if (node.kind === 'object') return <ObjectField {...props} node={node} />
  if (node.kind === 'array') return <ArrayField {...props} node={node} />
  if (node.kind === 'choices') return <ChoicesField {...props} node={node} />
  if (node.kind === 'boolean' && (required || node.initial !== undefined)) return <CheckField {...props} />
  return <Labeled {...props}>{(aria) => <Control {...props} aria={aria} key={path} />}</Labeled>
}

const idOf = (path: string) => `field-${path}`

function Labeled({ node, name, path, required, children }: Props & { children: (aria: Aria) => React.ReactNode }) {
  const { problemAt, touch } = use(FormContext)
  const id = idOf(path)
  const error = problemAt(path)
  const wide = node.kind === 'json' || (node.kind === 'text' && node.format === 'multiline')
  return (
    <Field
      id={id}
      label={labelOf(name, node)}
      required={required}
      hint={node.description}
      error={error}
      className={wide ? 'sm:col-span-2' : undefined}
    >
      {children({ id, ...noted(id, node.description, error), onBlur: () => touch(path) })}
    </Field>
  )
}

function CheckField({ node, name, path, value, onChange }: Props) {
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
          {...noted(id, node.description, error)}
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

function ObjectField({
  node,
  name,
  path,
  required,
  value,
  onChange,
}: Props & { node: Extract<FormNode, { kind: 'object' }> }) {
  const { problemAt } = use(FormContext)
  const error = problemAt(path)
  const object = isObject(value) ? (value as { [key: string]: Json }) : {}
  const fields = (
    <div className="grid items-start gap-x-4 gap-y-4 sm:grid-cols-2">
      {node.fields.map((field) => (
        <SchemaField
          key={field.name}
          node={field.node}
          name={field.name}
          path={childPath(path, field.name)}
          required={field.required}
          value={ownMember(object, field.name)}
          onChange={(next) => {
            const changed = withField(object, field.name, next)
            // An optional object in which nothing is left is not sent at all.
            onChange(Object.keys(changed).length === 0 && !required ? undefined : changed)
          }}
        />
      ))}
    </div>
  )
  if (path === '') return fields
  return (
    <fieldset className="min-w-0 border-l-2 border-line pl-4 sm:col-span-2">
      <legend className="mb-2 text-sm font-semibold">
        {visible(labelOf(name, node))}
        {required ? (
          <span aria-hidden className="ml-0.5 text-danger">
            *
          </span>
        ) : null}
      </legend>
      {node.description || error ? (
        <div className="-mt-1 mb-3">
          <FieldNote id={idOf(path)} hint={node.description} error={error} />
        </div>
      ) : null}
      {fields}
    </fieldset>
  )
}

function ArrayField({
  node,
  name,
  path,
  required,
  value,
  onChange,
}: Props & { node: Extract<FormNode, { kind: 'array' }> }) {
  const { problemAt } = use(FormContext)
  const error = problemAt(path)
  const items = Array.isArray(value) ? value : []
  // Rows keep what is typed in them when one above is removed.
  const [keys, setKeys] = useState<number[]>(() => items.map((_, i) => i))
  const set = (next: Json[]) => onChange(next.length === 0 && !required ? undefined : next)
  const plain = node.item.kind !== 'object' && node.item.kind !== 'array'
  return (
    <fieldset className="min-w-0 sm:col-span-2">
      <legend className="mb-1.5 text-sm font-medium">
        {visible(labelOf(name, node))}
        {required ? (
          <span aria-hidden className="ml-0.5 text-danger">
            *
          </span>
        ) : null}
      </legend>
      {node.description || error ? (
        <div className="-mt-0.5 mb-2">
          <FieldNote id={idOf(path)} hint={node.description} error={error} />
        </div>
      ) : null}
      <ul className="grid gap-2">
        {items.map((item, i) => (
          <li key={keys[i] ?? i} className={cn('flex items-start gap-2', !plain && 'rounded border border-line p-3')}>
            <div className="min-w-0 flex-1">
              <SchemaField
                node={{ ...node.item, title: `${node.item.title ?? 'Item'} ${i + 1}` }}
                name={String(i)}
                path={childPath(path, i)}
                required
                value={item}
                onChange={(next) => set(items.map((other, j) => (j === i ? (next ?? blank(node.item)) : other)))}
              />
            </div>
            <IconButton
              label={`Remove item ${i + 1}`}
              className={plain ? 'mt-7' : undefined}
              onClick={() => {
                setKeys(keys.filter((_, j) => j !== i))
                set(items.filter((_, j) => j !== i))
              }}
            >
              <Trash2 aria-hidden />
            </IconButton>
          </li>
        ))}
      </ul>
      <Button
        size="sm"
        className={items.length > 0 ? 'mt-2' : undefined}
        unavailable={items.length >= node.maxItems ? `At most ${node.maxItems} items.` : null}
        onClick={() => {
          setKeys([...keys, Math.max(-1, ...keys) + 1])
          set([...items, initialValue(node.item) ?? blank(node.item)])
        }}
      >
        <Plus aria-hidden /> Add item
      </Button>
    </fieldset>
  )
}

function ChoicesField({
  node,
  name,
  path,
  required,
  value,
  onChange,
}: Props & { node: Extract<FormNode, { kind: 'choices' }> }) {
  const { problemAt } = use(FormContext)
  const error = problemAt(path)
  const chosen = Array.isArray(value) ? value : []
  return (
    <fieldset className="min-w-0 sm:col-span-2">
      <legend className="mb-1.5 text-sm font-medium">{labelOf(name, node)}</legend>
      <div className="flex flex-wrap gap-x-5 gap-y-2">
        {node.options.map((option) => (
          <label key={JSON.stringify(option)} className="flex items-center gap-2 text-sm">
            <input
              type="checkbox"
              className="size-4 accent-(--accent)"
              checked={chosen.some((one) => same(one, option))}
              onChange={(event) => {
                const next = event.target.checked ? [...chosen, option] : chosen.filter((one) => !same(one, option))
                onChange(next.length === 0 && !required ? undefined : next)
              }}
            />
            {typeof option === 'string' ? option : JSON.stringify(option)}
          </label>
        ))}
      </div>
      <div className="mt-1.5">
        <FieldNote id={idOf(path)} hint={node.description} error={error} />
      </div>
    </fieldset>
  )
}

/** An item must be something: what an empty one of its kind is. */
function blank(node: FormNode): Json {
  if (node.kind === 'object') return {}
  if (node.kind === 'array' || node.kind === 'choices') return []
  if (node.kind === 'boolean') return false
  if (node.kind === 'text') return ''
  return null
}
