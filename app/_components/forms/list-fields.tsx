'use client'

import { Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { Button, IconButton } from '@/app/_components/button'
import { cn } from '@/app/_components/cn'
import type { FieldOf, DrawField } from './form-context'
import { Group } from './group'
import { blank, initialValue, isUnfilled } from './form-values'
import { childPath, sameJson, type Json } from './json'
import { choiceLabel, type FormNode } from './form-node'
import { keysOfRows } from './row-keys'
import { useStrange } from './use-strange'

/** False for a value that has fields inside, which need a frame around them. */
const isPlain = ({ kind }: FormNode) => !['object', 'array', 'tuple', 'branches'].includes(kind)

/** A list of any length. All its items are of one kind. */
export function ArrayField({ drawField, ...props }: FieldOf<'array'> & { drawField: DrawField }) {
  const { node, path, required, value, onChange } = props
  const items = Array.isArray(value) ? value : []
  // Each row has a key, so that the fields in it keep their own state when a row above is removed. Such a state is the
  // chosen branch of a union, or text that is half typed.
  const [known, setKeys] = useState<readonly number[]>([])
  const keys = keysOfRows(known, items.length)
  const set = (next: Json[]) => onChange(next.length === 0 && !required ? undefined : next)
  const plain = isPlain(node.item)
  return (
    <Group {...props}>
      <ul className="grid gap-2">
        {items.map((item, i) => (
          <li key={keys[i]} className={cn('flex items-start gap-2', !plain && 'rounded border border-line p-3')}>
            <div className="min-w-0 flex-1">
              {drawField({
                node: { ...node.item, title: `${node.item.title ?? 'Item'} ${i + 1}` },
                name: String(i),
                path: childPath(path, i),
                required: true,
                value: isUnfilled(node.item, item) ? undefined : item,
                onChange: (next) => set(items.map((other, j) => (j === i ? (next ?? blank(node.item)) : other))),
              })}
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
      <AddItem
        count={items.length}
        maxItems={node.maxItems}
        onAdd={() => {
          setKeys(keysOfRows(keys, items.length + 1))
          set([...items, initialValue(node.item) ?? blank(node.item)])
        }}
      />
    </Group>
  )
}

/** A list in which each place has its own meaning. A place that is not filled in is null. */
export function TupleField({ drawField, ...props }: FieldOf<'tuple'> & { drawField: DrawField }) {
  const { node, path, required, value, onChange } = props
  const given = Array.isArray(value) ? value : []
  const { rest } = node
  const nodes = [...node.items, ...(rest ? given.slice(node.items.length).map(() => rest) : [])]
  const set = (next: Json[]) => onChange(!required && next.every((item) => item === null) ? undefined : next)
  // A change of one place sends all places, so from then on each of them is required.
  const full = nodes.map((one, i) => given[i] ?? initialValue(one) ?? null)
  return (
    <Group {...props} lined>
      <div className="grid items-start gap-4 sm:grid-cols-2">
        {nodes.map((one, i) => (
          <div key={i} className={cn('grid', !isPlain(one) && 'sm:col-span-2')}>
            {drawField({
              node: one.title ? one : { ...one, title: `Item ${i + 1}` },
              name: String(i),
              path: childPath(path, i),
              required: required || given.length > 0,
              value: given[i] ?? undefined,
              onChange: (next) => set(full.map((other, j) => (j === i ? (next ?? null) : other))),
            })}
          </div>
        ))}
      </div>
      {rest ? (
        <AddItem
          count={given.length}
          maxItems={node.maxItems}
          onAdd={() => onChange([...full, initialValue(rest) ?? blank(rest)])}
        />
      ) : null}
    </Group>
  )
}

/** Checkboxes for a list that may hold some of a few values. */
export function ChoicesField(props: FieldOf<'choices'>) {
  const { node, required, value, onChange } = props
  const chosen = Array.isArray(value) ? value : []
  // A value of another version of the schema may be none of the choices. It has a box, so that it can be taken away. The
  // box stays when it is no longer ticked, with the focus that it has.
  const strange = useStrange(chosen, node.options)
  return (
    <Group {...props}>
      <div className="flex flex-wrap gap-x-5 gap-y-2">
        {[...node.options, ...strange].map((option) => (
          <label key={JSON.stringify(option)} className="flex items-center gap-2 text-sm">
            <input
              type="checkbox"
              className="size-4 accent-(--accent)"
              checked={chosen.some((one) => sameJson(one, option))}
              onChange={(event) => {
                const next = event.target.checked ? [...chosen, option] : chosen.filter((one) => !sameJson(one, option))
                onChange(next.length === 0 && !required ? undefined : next)
              }}
            />
            {choiceLabel(option)}
          </label>
        ))}
      </div>
    </Group>
  )
}

const AddItem = ({ count, maxItems, onAdd }: { count: number; maxItems: number; onAdd: () => void }) => (
  <Button
    size="sm"
    className={count > 0 ? 'mt-2' : undefined}
    unavailable={count >= maxItems ? `At most ${maxItems} items.` : null}
    onClick={onAdd}
  >
    <Plus aria-hidden /> Add item
  </Button>
)
