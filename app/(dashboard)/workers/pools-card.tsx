import { Card } from '@/app/_components/card'
import { cn } from '@/app/_components/cn'
import { formatCount } from '@/app/_components/time'
import type { Fleet } from '@/app/_trpc/types'

type Pool = Fleet['pools'][number]

/**
 * The worker pools side by side: how many workers take each, how busy they are, and how many jobs wait. Nothing where
 * there is only one.
 */
export function PoolsCard({ pools }: { pools: readonly Pool[] }) {
  if (pools.length < 2) return null
  return (
    <Card id="pools" title="Pools" note="A worker that takes several pools counts in each of them." padded={false}>
      {/* A phone is too narrow for the table. */}
      <ul aria-label="The pools" className="divide-y divide-line text-sm tabular-nums sm:hidden">
        {pools.map((one) => (
          <li key={one.pool} className="grid gap-0.5 px-4 py-2">
            <p className="flex flex-wrap justify-between gap-x-3">
              <span className="font-mono text-xs/5 font-medium wrap-anywhere">{one.pool}</span>
              <span className={cn(one.workers.alive === 0 && 'text-danger')}>Workers: {workersOf(one)}</span>
            </p>
            <p className="text-xs text-muted">
              Threads busy: {formatCount(one.busy.isolated)} of {formatCount(one.slots.isolated)} · Shared slots busy:{' '}
              {formatCount(one.busy.inline)} of {formatCount(one.slots.inline)} · Waiting: {formatCount(one.waiting)}
            </p>
          </li>
        ))}
      </ul>
      <div className="max-sm:hidden">
        <table className="w-full text-sm tabular-nums">
          <thead>
            <tr className="border-b border-line text-left text-xs text-faint">
              <th scope="col" className="px-4 py-2 font-medium">
                Pool
              </th>
              {['Workers', 'Threads busy', 'Shared slots busy', 'Waiting'].map((name) => (
                <th key={name} scope="col" className="px-4 py-2 text-right font-medium">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody className="divide-y divide-line">
            {pools.map(({ pool, workers, slots, busy, waiting }) => (
              <tr key={pool}>
                <th scope="row" className="px-4 py-2 text-left font-mono text-xs font-medium wrap-anywhere">
                  {pool}
                </th>
                <td data-no-list="workers" className={cn('px-4 py-2 text-right', workers.alive === 0 && 'text-danger')}>
                  {workersOf({ workers })}
                </td>
                <Share part={busy.isolated} of={slots.isolated} />
                <Share part={busy.inline} of={slots.inline} />
                {/* Its jobs are those of several job types and of all organizations, for which there is no filter. */}
                <td data-no-list="pool" className="px-4 py-2 text-right">
                  {formatCount(waiting)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  )
}

const workersOf = ({ workers }: Pick<Pool, 'workers'>) =>
  `${workers.alive === 0 ? 'none' : formatCount(workers.alive)}${workers.draining > 0 ? ` (${formatCount(workers.draining)} draining)` : ''}`

const Share = ({ part, of }: { part: number; of: number }) => (
  <td className="px-4 py-2 text-right">
    {formatCount(part)} <span className="text-faint">of {formatCount(of)}</span>
  </td>
)
