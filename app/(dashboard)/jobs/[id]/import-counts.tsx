import { Download } from 'lucide-react'
import { buttonClass } from '@/app/_components/button-class'
import { Card } from '@/app/_components/card'
import type { Job } from '@/app/_trpc/types'

interface Counts {
  rows: number
  accepted: number
  refused: number
}

/**
 * What became of the rows of an import, with links to its two files. A file without rows is not offered. Nothing is
 * shown for other jobs. A job counts as an import where its result has the three counts and it has a file
 * `refused.csv`, as those of the handler `import.csv` do. Job types of any name can use that handler, so the type does
 * not tell.
 */
export function ImportCounts({ job }: { job: Job }) {
  const counts = countsOf(job.result)
  const files = job.artifacts ?? []
  const fileNamed = (name: string) => files.find((file) => file.name === name)
  const refusedFile = fileNamed('refused.csv')
  const acceptedFile = fileNamed('accepted.csv')
  if (!counts || !refusedFile) return null
  return (
    <Card id="import" title="Import">
      <dl className="grid grid-cols-3 gap-4">
        <Count label="Rows" count={counts.rows} />
        <Count label="Accepted" count={counts.accepted} />
        <Count label="Refused" count={counts.refused} tone={counts.refused > 0 ? 'text-danger' : undefined} />
      </dl>
      <div className="mt-4 flex flex-wrap gap-2">
        {counts.refused > 0 ? (
          <a className={buttonClass('primary')} href={refusedFile.url} download={refusedFile.name}>
            <Download aria-hidden /> Refused rows, with reasons
          </a>
        ) : null}
        {acceptedFile && counts.accepted > 0 ? (
          <a className={buttonClass('secondary')} href={acceptedFile.url} download={acceptedFile.name}>
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
