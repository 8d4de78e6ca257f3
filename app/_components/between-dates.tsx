import { Input } from './field'
import { toLocalInput } from './time'

interface Props {
  after: Date | null
  before: Date | null
  /** The labels of the two fields, for screen readers. */
  labels: { after: string; before: string }
  onChange: (change: { after?: Date | null; before?: Date | null }) => void
}

/** Two fields for a date and time. They enclose the moment when something happened, and either may stay empty. */
export default function BetweenDates({ after, before, labels, onChange }: Props) {
  return (
    <div className="flex basis-full flex-wrap items-center gap-2 text-sm text-muted">
      <DateField label={labels.after} value={after} onChange={(date) => onChange({ after: date })} />
      <span aria-hidden>to</span>
      <DateField label={labels.before} value={before} onChange={(date) => onChange({ before: date })} />
    </div>
  )
}

function DateField({
  label,
  value,
  onChange,
}: {
  label: string
  value: Date | null
  onChange: (value: Date | null) => void
}) {
  return (
    <span className="w-52">
      <Input
        type="datetime-local"
        // With a step of one second the field has seconds, too.
        step={1}
        aria-label={label}
        value={value ? toLocalInput(value) : ''}
        onChange={(event) => {
          const date = event.target.value ? new Date(event.target.value) : null
          if (!date || !Number.isNaN(date.getTime())) onChange(date)
        }}
      />
    </span>
  )
}
