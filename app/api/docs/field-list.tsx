import type { JsonSchema } from '@/server/api/openapi/types'
import { fieldsOf, typeOf, type Field, type Piece } from './fields'
import { Inline } from './prose'

/**
 * The fields of a schema. A schema without fields is shown as its type.
 *
 * @param optional whether fields that may be missing are marked, as those of an input are. Those of an answer are not
 */
export function FieldList({ schema, optional }: { schema: JsonSchema; optional: 'marked' | 'silent' }) {
  const lists = fieldsOf(schema)
  if (lists.every((list) => list.length === 0)) {
    return (
      <p className="font-mono text-xs text-muted">
        <TypeText pieces={typeOf(schema)} />
      </p>
    )
  }
  return lists.map((list, index) => (
    <div key={index} className={index > 0 ? 'mt-3' : undefined}>
      {lists.length > 1 ? <p className="pb-1 text-xs text-faint">{index === 0 ? 'Either' : 'or'}</p> : null}
      <dl className="divide-y divide-line border-y border-line">
        {list.map((field) => (
          <Row key={field.path} field={field} optional={optional} />
        ))}
      </dl>
    </div>
  ))
}

function Row({
  field: { path, required, type, limits, description },
  optional,
}: {
  field: Field
  optional: 'marked' | 'silent'
}) {
  return (
    <div className="grid gap-x-4 gap-y-0.5 py-1.5 md:grid-cols-[minmax(0,2fr)_minmax(0,3fr)]">
      <dt className="min-w-0">
        <span className="font-mono text-xs font-medium break-all">{path}</span>
        {required || optional === 'silent' ? null : <span className="ml-1.5 text-2xs text-faint">optional</span>}
      </dt>
      <dd className="min-w-0 text-sm">
        <span className="font-mono text-xs break-words text-muted">
          <TypeText pieces={type} />
        </span>
        {limits ? <span className="ml-1.5 text-2xs break-words text-faint">{limits}</span> : null}
        {description ? (
          <span className="block">
            <Inline text={description} />
          </span>
        ) : null}
      </dd>
    </div>
  )
}

function TypeText({ pieces }: { pieces: Piece[] }) {
  return pieces.map((piece, index) =>
    'type' in piece ? (
      <a
        key={index}
        href={`#type-${piece.type}`}
        className="rounded text-accent underline decoration-line-strong underline-offset-2 hover:decoration-current"
      >
        {piece.type}
      </a>
    ) : (
      <span key={index}>{piece.text}</span>
    ),
  )
}
