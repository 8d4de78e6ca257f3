import type { ReactNode } from 'react'
import type { JsonSchema, Operation } from '@/server/api/openapi/types'
import { cn } from '@/app/_components/cn'
import { CopyButton } from '@/app/_components/copy-button'
import { curlCall } from './curl'
import { FieldList } from './field-list'
import { Inline, Prose } from './prose'

// One procedure in the reference of the API.

export type Kind = 'query' | 'mutation' | 'subscription'

/** One thing that can be called: its meaning, its input, its answer, its refusals, and an example. */
export interface Entry {
  /** The fragment of the address that leads to this entry, such as `jobs.submit`. */
  id: string
  title: string
  path: string
  kind: Kind
  /** The schema of the answer's data. For a stream it is the schema of one event. Null where the answer is bytes. */
  output: JsonSchema | null
  operation: Operation
}

const KIND: Record<Kind, { method: string; tone: string }> = {
  query: { method: 'GET', tone: 'bg-running-soft text-running' },
  mutation: { method: 'POST', tone: 'bg-completed-soft text-completed' },
  subscription: { method: 'GET · stream', tone: 'bg-queued-soft text-queued' },
}

function MethodBadge({ kind, className }: { kind: Kind; className?: string }) {
  const { method, tone } = KIND[kind]
  return (
    <span className={cn('shrink-0 rounded-sm px-1.5 font-mono text-2xs font-medium', tone, className)}>{method}</span>
  )
}

export function OperationSection({ entry: { id, title, path, kind, output, operation } }: { entry: Entry }) {
  const input = (operation.requestBody ?? operation.parameters?.find(({ content }) => content))?.content?.[
    'application/json'
  ]
  const inPath = operation.parameters?.filter((parameter) => parameter.in === 'path') ?? []
  const refusals = Object.entries(operation.responses).filter(([status]) => Number(status) >= 400)
  const call = curlCall({
    path: path.replace('{jobId}', '$JOB').replace('{name}', 'report.pdf'),
    kind,
    example: input?.example as object | undefined,
    bearer: bearerOf(operation),
  })
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
          <MethodBadge kind={kind} />
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
        {inPath.length > 0 ? (
          <Part title="In the path">
            <FieldList schema={pathSchema(inPath)} optional="marked" />
          </Part>
        ) : null}
        {input ? (
          <Part title={kind === 'mutation' ? 'Body' : 'Input'}>
            <FieldList schema={input.schema} optional="marked" />
          </Part>
        ) : null}
        <Part title={kind === 'subscription' ? 'Each event' : 'Answer'}>
          {output ? <FieldList schema={output} optional="silent" /> : <p className="text-sm">The bytes of the file.</p>}
        </Part>
        {refusals.length > 0 ? (
          <Part title="Refusals">
            <ul className="grid gap-1 text-sm">
              {refusals.flatMap(([status, { description }]) =>
                description.split('\n\n').map((line) => (
                  <li key={line} className="grid grid-cols-[2.5rem_minmax(0,1fr)]">
                    <span className="font-mono text-xs/5 text-faint">{status}</span>
                    <span>
                      <Inline text={line} />
                    </span>
                  </li>
                )),
              )}
            </ul>
          </Part>
        ) : null}
      </div>
    </article>
  )
}

/** The shell variable for the secret of a call. Most calls need an API key, which the document asks for as a whole. */
function bearerOf({ security }: Operation): string | null {
  if (!security) return 'KEY'
  return security.some((scheme) => 'attemptToken' in scheme) ? 'TOKEN' : null
}

const pathSchema = (parameters: NonNullable<Operation['parameters']>): JsonSchema => ({
  type: 'object',
  required: parameters.map(({ name }) => name),
  properties: Object.fromEntries(parameters.map(({ name, schema }) => [name, schema ?? {}])),
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
