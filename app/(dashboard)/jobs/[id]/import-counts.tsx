import { Download } from 'lucide-react'
import { buttonClass } from '@/app/_components/button-class'
import { Card } from '@/app/_components/card'
import type { Job } from '@/app/_trpc/types'

interface Counts {
  rows: number
  accepted: number
  refused: number
}

/** What became of the rows of an import, and its two files. Nothing is shown for other jobs. */
export function ImportCounts({ job }: { job: Job }) {
  const counts = countsOf(job.result)
  const files = job.artifacts ?? []
  const [refused, accepted] = ['refused.csv', 'accepted.csv'].map((name) => files.find((file) => file.name === name))
  if (!counts || !refused) return null
  return (
    <Card id="import" title="Import">
      <dl className="grid grid-cols-3 gap-4">
        <Count label="Rows" count={counts.rows} />
        <Count label="Accepted" count={counts.accepted} />
        <Count label="Refused" count={counts.refused} tone={counts.refused > 0 ? 'text-danger' : undefined} />
      </dl>
      <div className="mt-4 flex flex-wrap gap-2">
        {counts.refused > 0 ? (
          <a className={buttonClass('primary')} href={refused.url} download={refused.name}>
            <Download aria-hidden /> Refused rows, with reasons
          </a>
        ) : null}
        {accepted && counts.accepted > 0 ? (
          <a className={buttonClass('secondary')} href={accepted.url} download={accepted.name}>
            <Download aria-hidden /> Accepted rows
          </a>
        ) : null}
      </div>
    </Card>
  )
}

function Count({ label, count, tone }: { label: string; count: number; tone?: string }) {
  return (
    <div>
      <dt className="text-xs text-muted">{label}</dt>
      <dd className={`text-xl font-semibold tabular-nums ${tone ?? ''}`}>{count.toLocaleString('en')}</dd>
    </div>
  )
}

function countsOf(result: unknown): Counts | null {
  if (typeof result !== 'object' || result === null) return null
  const { rows, accepted, refused } = result as Record<string, unknown>
  return typeof rows === 'number' && typeof accepted === 'number' && typeof refused === 'number'
    ? { rows, accepted, refused }
    : null
}
