import { FromTo } from '@/app/_components/difference/from-to'
import { Lines } from '@/app/_components/difference/lines'
import { VisibleText } from '@/app/_components/visible-text'
import type { AuditEntry } from '@/app/_trpc/types'
import { changedFields, type ChangedField } from './changed-fields'

/** What an act changed, field by field. Lists and schemas are compared line by line. */
export function EntryDifference({ entry: { before, after } }: { entry: AuditEntry }) {
  const fields = changedFields(before, after)
  if (fields.length === 0) return <p className="text-sm text-faint">This act changed no field.</p>
  return (
    <ul aria-label="Before and after" className="grid gap-2 text-sm">
      {fields.map((field) => (
        <li key={field.name}>
          {field.lines ? (
            <Lines label={field.name} from={field.from ?? ''} to={field.to ?? ''} />
          ) : (
            <div className="grid gap-x-4 sm:grid-cols-[12rem_minmax(0,1fr)]">
              <span className="text-muted">
                <VisibleText text={field.name} />
              </span>
              <Value {...field} />
            </div>
          )}
        </li>
      ))}
    </ul>
  )
}

function Value({ from, to }: ChangedField) {
  if (from !== null && to !== null) return <FromTo from={from} to={to} />
  return (
    <span className="wrap-anywhere">
      {from === null ? null : <span className="text-muted">was </span>}
      <span className="font-medium">
        <VisibleText text={from ?? to ?? ''} />
      </span>
    </span>
  )
}
