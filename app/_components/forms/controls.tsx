'use client'

import { Eye, EyeOff } from 'lucide-react'
import { use, useEffect, useEffectEvent, useState, type ReactNode } from 'react'
import { IconButton } from '@/app/_components/button'
import { Input, Select, Textarea } from '@/app/_components/field'
import { toLocalInput } from '@/app/_components/time'
import { numberProblem } from '@/server/engine/domain/exact-numbers'
import { MASK } from '@/server/engine/domain/mask'
import { FormContext, type Aria, type FieldProps } from './form-context'
import { readJson } from './read-json'
import { sameJson, type Json } from './json'
import { choiceLabel, type FormNode } from './form-node'
import { UploadControl } from './upload-control'
import { useStrange } from './use-strange'

/** The control for one value: a text field, a list to choose from, or JSON. */
export function Control({ node, path, value, onChange, onFile, required, aria }: FieldProps & { aria: Aria }) {
  const common = { ...aria, 'aria-required': required || undefined }
  switch (node.kind) {
    case 'enum': {
      const choices = node.options.map((option) => ({ value: option, label: choiceLabel(option) }))
      return <ChoiceControl {...{ common, choices, value, required, onChange }} sensitive={node.sensitive} />
    }
    case 'boolean':
      return <ChoiceControl {...{ common, value, required, onChange }} choices={YES_NO} sensitive={node.sensitive} />
    case 'number':
      return <NumberControl common={common} node={node} path={path} value={value} onChange={onChange} />
    case 'upload':
      return <UploadControl common={common} path={path} value={value} onChange={onChange} onFile={onFile} />
    case 'text':
      return <TextControl common={common} node={node} value={value} onChange={onChange} />
    default:
      return (
        <JsonControl
          common={common}
          path={path}
          sensitive={node.sensitive}
          placeholder={node.placeholder}
          value={value}
          onChange={onChange}
        />
      )
  }
}

const YES_NO = [
  { value: true, label: 'Yes' },
  { value: false, label: 'No' },
]

/**
 * A list of a few values to choose from. A value of another version of the schema may be none of them. It has an option
 * of its own, because the browser would show one of the others as chosen. The option stays when another one is chosen,
 * so that somebody can go back.
 */
function ChoiceControl({
  common,
  choices,
  value,
  required,
  sensitive,
  onChange,
}: {
  common: Common
  choices: readonly { value: Json; label: string }[]
  value: Json | undefined
  required: boolean
  sensitive: boolean
  onChange: (value: Json | undefined) => void
}) {
  const [strange] = useStrange(
    value === undefined ? [] : [value],
    choices.map((choice) => choice.value),
  )
  const chosen = value === undefined ? -1 : choices.findIndex((choice) => sameJson(choice.value, value))
  return (
    <Select
      {...common}
      value={value === undefined ? '' : chosen === -1 ? STRANGE : chosen}
      onChange={({ target }) =>
        onChange(
          target.value === '' ? undefined : target.value === STRANGE ? strange : choices[Number(target.value)]!.value,
        )
      }
    >
      {required && value !== undefined ? null : <option value="">{required ? 'Choose' : 'Not set'}</option>}
      {choices.map(({ label }, i) => (
        <option key={i} value={i}>
          {label}
        </option>
      ))}
      {strange === undefined ? null : (
        <option value={STRANGE}>
          {sensitive && strange === MASK
            ? 'As it is, hidden'
            : `${strange === '' ? 'Empty text' : choiceLabel(strange)}, none of the choices`}
        </option>
      )}
    </Select>
  )
}

/** Differs from every place in a list of choices. */
const STRANGE = 'strange'

type Common = Aria & { 'aria-required': true | undefined }
interface ControlProps<Kind extends FormNode['kind']> {
  common: Common
  node: Extract<FormNode, { kind: Kind }>
  value: Json | undefined
  onChange: (value: Json | undefined) => void
}

/**
 * Keeps the text as it is typed, such as "1." on the way to 1.5. Text that is no number is passed on as text, and the
 * check reports it. A number that JavaScript would round is reported at once.
 */
function NumberControl({ common, node, path, value, onChange }: ControlProps<'number'> & { path: string }) {
  const { setUnreadable } = use(FormContext)
  const [text, setText] = useState(value === undefined ? '' : String(value))
  const inexact = numberProblem(text.trim())
  const problem = inexact && `This number ${inexact}`
  const tell = useEffectEvent(setUnreadable)
  useEffect(() => {
    tell(path, problem)
    // The item that holds this field may be removed or move up. Its problem goes with it.
    return () => tell(path, null)
  }, [path, problem])
  return (
    <Unseen on={node.sensitive}>
      {(hidden) => (
        <Input
          {...common}
          type={hidden ? 'password' : 'text'}
          autoComplete={node.sensitive ? 'new-password' : undefined}
          inputMode={node.integer ? 'numeric' : 'decimal'}
          placeholder={node.placeholder ?? undefined}
          value={text}
          onChange={(event) => {
            setText(event.target.value)
            const typed = event.target.value.trim()
            onChange(typed === '' ? undefined : Number.isFinite(Number(typed)) ? Number(typed) : typed)
          }}
        />
      )}
    </Unseen>
  )
}

function TextControl({ common, node, value, onChange }: ControlProps<'text'>) {
  const text = value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value)
  const set = (next: string) => onChange(next === '' ? undefined : next)
  const placeholder = node.placeholder ?? undefined
  if (node.sensitive) return <SecretControl common={common} node={node} text={text} onChange={set} />
  switch (node.format) {
    case 'multiline':
      return (
        <Textarea
          {...common}
          rows={4}
          placeholder={placeholder}
          value={text}
          onChange={(event) => set(event.target.value)}
        />
      )
    // A date field of the browser would show text that is no date as empty. So such text is shown in a text field.
    case 'date':
      return (
        <Input
          {...common}
          type={text === '' || /^\d{4}-\d\d-\d\d$/.test(text) ? 'date' : 'text'}
          value={text}
          onChange={(event) => set(event.target.value)}
        />
      )
    case 'date-time': {
      const date = new Date(text)
      const readable = text === '' || !Number.isNaN(date.getTime())
      return (
        <Input
          {...common}
          type={readable ? 'datetime-local' : 'text'}
          // With a step of one second the field has seconds, too.
          step={1}
          value={readable && text !== '' ? toLocalInput(date) : text}
          onChange={(event) => {
            const local = new Date(event.target.value)
            set(event.target.value === '' || Number.isNaN(local.getTime()) ? event.target.value : local.toISOString())
          }}
        />
      )
    }
    default: {
      const type = node.format === 'email' ? 'email' : node.format === 'uri' ? 'url' : 'text'
      return (
        <Input
          {...common}
          type={type}
          autoComplete="off"
          placeholder={placeholder}
          value={text}
          onChange={(event) => set(event.target.value)}
        />
      )
    }
  }
}

function SecretControl({
  common,
  node,
  text,
  onChange,
}: {
  common: Common
  node: ControlProps<'text'>['node']
  text: string
  onChange: (text: string) => void
}) {
  const shared = { ...common, autoComplete: 'off', spellCheck: false, value: text }
  return (
    <Unseen on>
      {(hidden) =>
        node.format === 'multiline' ? (
          <Textarea
            {...shared}
            rows={4}
            mono
            className={hidden ? HIDDEN_TEXT : undefined}
            onChange={(event) => onChange(event.target.value)}
          />
        ) : (
          <Input
            {...shared}
            type={hidden ? 'password' : 'text'}
            autoComplete="new-password"
            onChange={(event) => onChange(event.target.value)}
          />
        )
      }
    </Unseen>
  )
}

/** A text area cannot be a password field, so a style hides its characters. */
const HIDDEN_TEXT = '[-webkit-text-security:disc]'

/** The field of a secret (`on`). Its characters are hidden until the reader asks to see them. */
function Unseen({ on, children }: { on: boolean; children: (hidden: boolean) => ReactNode }) {
  const [shown, setShown] = useState(false)
  if (!on) return children(false)
  return (
    <span className="flex min-w-0 items-start gap-1">
      {children(!shown)}
      <IconButton
        label={shown ? 'Hide the value' : 'Show the value'}
        aria-pressed={shown}
        onClick={() => setShown(!shown)}
      >
        {shown ? <EyeOff aria-hidden /> : <Eye aria-hidden />}
      </IconButton>
    </span>
  )
}

function JsonControl({
  common,
  path,
  sensitive,
  placeholder,
  value,
  onChange,
}: {
  common: Common
  path: string
  sensitive: boolean
  placeholder: string | null
  value: Json | undefined
  onChange: (value: Json | undefined) => void
}) {
  const { setUnreadable } = use(FormContext)
  const [text, setText] = useState(value === undefined ? '' : JSON.stringify(value, null, 2))
  const read = text.trim() === '' ? { value: undefined } : readJson(text)
  const problem = 'problem' in read ? read.problem : null
  const tell = useEffectEvent(setUnreadable)
  useEffect(() => {
    tell(path, problem)
    // The item that holds this field may be removed or move up. Its problem goes with it.
    return () => tell(path, null)
  }, [path, problem])
  return (
    <Unseen on={sensitive}>
      {(hidden) => (
        <Textarea
          {...common}
          mono
          className={hidden ? HIDDEN_TEXT : undefined}
          autoComplete={sensitive ? 'off' : undefined}
          rows={Math.min(12, Math.max(3, text.split('\n').length))}
          spellCheck={false}
          placeholder={placeholder ?? 'JSON'}
          value={text}
          onChange={(event) => {
            setText(event.target.value)
            if (event.target.value.trim() === '') return onChange(undefined)
            const parsed = readJson(event.target.value)
            if ('value' in parsed) onChange(parsed.value)
          }}
        />
      )}
    </Unseen>
  )
}
