'use client'

import Link from '@/app/_components/link'
import { cn } from '@/app/_components/cn'
import { useScope } from '@/app/_components/shell/organization'
import { formatCount } from '@/app/_components/time'
import type { Timeseries } from '@/app/_trpc/types'
import { bucketLabel, bucketSpan } from './buckets'
import { completedPath, failedPath, submittedPath } from '@/app/_components/figures/figure-paths'

const PATH = { submitted: submittedPath, completed: completedPath, failed: failedPath }

/**
 * The figures of the chart as a table, newest first. It can be read aloud and copied, and the keyboard reaches every
 * bucket.
 */
export function BucketTable({ series }: { series: Timeseries }) {
  const { href } = useScope()
  return (
    <div className="relative min-h-66 flex-1">
      <div className="absolute inset-0 overflow-y-auto" tabIndex={0} role="group" aria-label="Throughput in figures">
        <table className="w-full text-sm">
          <thead className="sticky top-0 bg-surface text-xs text-faint">
            <tr>
              <th scope="col" className="pb-1.5 text-left font-medium">
                From – to
              </th>
              {['Submitted', 'Completed', 'Failures'].map((name) => (
                <th key={name} scope="col" className="w-24 pb-1.5 text-right font-medium">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {series.points.toReversed().map((point) => (
              <tr key={point.at} className="border-t border-line tabular-nums hover:bg-hover">
                <th scope="row" className="py-1 text-left font-normal">
                  {bucketLabel(point.at, series.bucketSeconds)}
                </th>
                {(['submitted', 'completed', 'failed'] as const).map((which) => (
                  <td key={which} className="text-right">
                    <Link
                      href={href(PATH[which](bucketSpan(point.at, series.bucketSeconds)))}
                      prefetch={false}
                      data-count={which === 'failed' ? undefined : point[which]}
                      data-failures={which === 'failed' ? point.failed : undefined}
                      aria-label={`${formatCount(point[which])} ${which}, ${bucketLabel(point.at, series.bucketSeconds)}`}
                      className={cn(
                        'rounded hover:underline',
                        point[which] === 0 ? 'text-faint' : which === 'failed' && 'text-failed',
                      )}
                    >
                      {formatCount(point[which])}
                    </Link>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  )
}
