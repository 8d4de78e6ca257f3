import type { ReactNode } from 'react'
import type { JsonSchema, Operation } from '@/server/api/openapi/types'
import { cn } from '@/app/_components/cn'
import { CopyButton } from '@/app/_components/copy-button'
import { callOf } from './curl'
import { answersOf, type Entry } from './entries'
import { FieldList } from './field-list'
import { Inline, Prose } from './prose'

// One procedure in the reference of the API.

function MethodBadge({ method, streams }: Pick<Entry, 'method' | 'streams'>) {
  const tone = streams
    ? 'bg-queued-soft text-queued'
    : method === 'GET'
      ? 'bg-running-soft text-running'
      : 'bg-completed-soft text-completed'
  return (
    <span className={cn('shrink-0 rounded-sm px-1.5 font-mono text-2xs font-medium', tone)}>
      {streams ? `${method} · stream` : method}
    </span>
  )
}

/** Where fields of a call stand beside its body, and what a reader calls that. */
const PLACES = [
  ['path', 'In the path'],
  ['query', 'In the query'],
  ['header', 'In the headers'],
] as const

export function OperationSection({ entry }: { entry: Entry }) {
  const { id, title, method, streams, input, output, operation } = entry
  const refusals = Object.entries(operation.responses).filter(([status]) => Number(status) >= 400)
  const call = callOf(entry)
  return (
    <article
      id={id}
      aria-labelledby={`${id}-title`}
      className="min-w-0 scroll-mt-4 rounded-lg border border-line bg-surface shadow-card"
    >
      <header className="border-b border-line px-4 py-3">
        <h3 className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <a
            id={`${id}-title`}
            href={`#${id}`}
            className="rounded font-mono text-base font-semibold break-all hover:underline"
          >
            {title}
          </a>
          <MethodBadge method={method} streams={streams} />
        </h3>
        <p className="mt-0.5 text-sm text-muted">{operation.summary}</p>
      </header>
      <div className="grid grid-cols-1 gap-4 p-4">
        <Prose text={operation.description} className="text-sm" />
        <Part title="Call" action={<CopyButton text={call} label={`Copy the call of ${id}`} />}>
          <pre tabIndex={0} className="overflow-x-auto rounded-md border border-line bg-sunken p-3 font-mono text-xs/5">
            {call}
          </pre>
        </Part>
        {PLACES.map(([where, heading]) => {
          // A parameter with `content` is the input of a procedure, which has a part of its own.
          const fields = operation.parameters?.filter((field) => field.in === where && !field.content) ?? []
          return fields.length > 0 ? (
            <Part key={where} title={heading}>
              <FieldList schema={schemaOf(fields)} optional="marked" />
            </Part>
          ) : null
        })}
        {input ? (
          <Part title={method === 'GET' ? 'Input' : 'Body'}>
            <FieldList schema={input.schema} optional="marked" />
          </Part>
        ) : null}
        {operation.requestBody?.description ? (
          <Part title="Body">
            <Prose text={operation.requestBody.description} className="text-sm" />
          </Part>
        ) : null}
        <Part title={streams ? 'Each event' : 'Answer'}>
          {output ? <FieldList schema={output} optional="silent" /> : <StatusList responses={answersOf(operation)} />}
        </Part>
        {refusals.length > 0 ? (
          <Part title="Refusals">
            <StatusList responses={refusals} />
          </Part>
        ) : null}
      </div>
    </article>
  )
}

/** Answers by their HTTP status, each with its meaning. */
function StatusList({ responses }: { responses: ReturnType<typeof answersOf> }) {
  return (
    <ul className="grid gap-1 text-sm">
      {responses.flatMap(([status, { description }]) =>
        description.split('\n\n').map((line) => (
          <li key={`${status} ${line}`} className="grid grid-cols-[2.5rem_minmax(0,1fr)]">
            <span className="font-mono text-xs/5 text-faint">{status}</span>
            <span>
              <Inline text={line} />
            </span>
          </li>
        )),
      )}
    </ul>
  )
}

const schemaOf = (parameters: NonNullable<Operation['parameters']>): JsonSchema => ({
  type: 'object',
  required: parameters.flatMap(({ name, required }) => (required ? name : [])),
  properties: Object.fromEntries(
    parameters.map(({ name, schema, description }) => [name, { ...schema, ...(description && { description }) }]),
  ),
})

function Part({ title, action, children }: { title: string; action?: ReactNode; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <div className="flex items-center justify-between pb-1.5">
        <h4 className="text-xs font-semibold text-faint">{title}</h4>
        {action}
      </div>
      {children}
    </div>
  )
}
