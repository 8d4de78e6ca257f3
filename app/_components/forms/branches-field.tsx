'use client'

import { useState } from 'react'
import { Field, Select } from '@/app/_components/field'
import { visible } from '@/server/engine/domain/visible'
import type { FieldOf, DrawField } from './form-context'
import { Group, idOf } from './group'
import { branchOf, intoBranch, isUnfilled } from './form-values'
import { onlyValueOf, type Branch, type FormNode } from './form-node'

/** A value that can be filled in in one of several ways. The reader first chooses the way, then fills in its fields. */
export function BranchesField({ drawField, ...props }: FieldOf<'branches'> & { drawField: DrawField }) {
  const { node, name, path, required, value, onChange } = props
  // Remembers the chosen way while its fields are still empty. The value alone does not tell it then.
  const [asked, setAsked] = useState<number | null>(null)
  const found = branchOf(node.options, value)
  const chosen = value === undefined && !required ? null : (asked ?? found)
  const option = chosen === null ? undefined : node.options[chosen]
  const { depth = 0 } = node
  const id = `${idOf(path)}-kind${depth || ''}`
  const content = (
    <div className="grid items-start gap-4">
      <Field
        id={id}
        label={path === '' && depth === 0 ? 'Kind' : `Kind of ${(node.title ?? name).toLowerCase()}`}
        required={required}
      >
        <Select
          id={id}
          className="max-w-sm"
          value={chosen === null ? '' : String(chosen)}
          onChange={(event) => {
            const next = event.target.value === '' ? null : Number(event.target.value)
            setAsked(next)
            onChange(next === null ? undefined : intoBranch(option?.node, node.options[next]!.node, value))
          }}
        >
          {required && chosen !== null ? null : <option value="">{required ? 'Choose' : 'Not set'}</option>}
          {node.options.map(({ label }, i) => (
            <option key={i} value={i}>
              {visible(label)}
            </option>
          ))}
        </Select>
      </Field>
      {/* With the way as its key, the fields begin anew when another way is chosen. */}
      {option ? (
        <div key={chosen} className="contents">
          {drawField({
            ...props,
            value: isUnfilled(option.node, value) ? undefined : value,
            node: withoutTheChoice(option, node, depth),
            name,
            required: true,
          })}
        </div>
      ) : null}
    </div>
  )
  return path === '' ? (
    content
  ) : (
    <Group {...props} lined wraps={option !== undefined && option.node.kind !== 'object'} depth={depth}>
      {content}
    </Group>
  )
}

/**
 * The branch without what the choice already shows, which is the constant that tells branches apart. A branch that is
 * no object gets the title of the whole where it has none. One that is a union gets the label of its choice in place of
 * that, because two choices of one name could not be told apart.
 */
function withoutTheChoice({ label, node }: Branch, group: FormNode, depth: number): FormNode {
  if (node.kind === 'object')
    return { ...node, fields: node.fields.filter((field) => onlyValueOf(field) === undefined), bare: true }
  if (node.kind === 'branches') return { ...node, title: node.title ?? label, depth: depth + 1 }
  return { ...node, title: node.title ?? group.title }
}
