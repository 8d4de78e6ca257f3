import { Input } from '@/app/_components/field'
import { toLocalInput } from '@/app/_components/time'

interface Props {
  after: Date | null
  before: Date | null
  onChange: (change: { after?: Date | null; before?: Date | null }) => void
}

/** The moments between which jobs were submitted. Fetched when somebody asks for them. */
export default function Between({ after, before, onChange }: Props) {
  return (
    <div className="flex basis-full flex-wrap items-center gap-2 text-sm text-muted">
      <DateField label="Created after" value={after} onChange={(date) => onChange({ after: date })} />
      <span aria-hidden>to</span>
      <DateField label="Created before" value={before} onChange={(date) => onChange({ before: date })} />
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
