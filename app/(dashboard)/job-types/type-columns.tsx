import Link from '@/app/_components/link'
import { useMemo } from 'react'
import type { Column } from '@/app/_components/data-table/columns'
import { rowLink } from '@/app/_components/data-table/keys'
import { useScope } from '@/app/_components/shell/organization'
import { VisibleText } from '@/app/_components/visible-text'
import { FailureRate, RunningOfLimit, RunP95, Waiting } from './figures'
import { Marks } from './marks'
import type { TypeRow } from './type-row'

interface Options {
  /** The figures are loaded. Until then a dash would wrongly say that there are none. */
  known: boolean
  /** A click asks for another limit, since this person may not change it. */
  asks: boolean
  /** Undefined: this person may do neither. */
  onLimit: ((row: TypeRow) => void) | undefined
}

const pathOf = ({ type }: TypeRow) => `/job-types/${encodeURIComponent(type.name)}`
const notYetKnown = () => <span className="skeleton inline-block h-3.5 w-12 align-middle" />

/**
 * The columns, in the order in which an operator looks: what is wrong, then how much there is, then how well it goes.
 */
export function useTypeColumns({ known, asks, onLimit }: Options): Column<TypeRow>[] {
  const { href } = useScope()
  return useMemo(() => {
    const figure = (cell: Column<TypeRow>['cell']): Column<TypeRow>['cell'] => (known ? cell : notYetKnown)
    return [
      {
        key: 'type',
        header: 'Job type',
        alwaysShown: true,
        cell: (row) => (
          <span className="flex items-baseline gap-2">
            <Link
              href={href(pathOf(row))}
              {...rowLink}
              className={`max-w-full shrink-0 truncate font-medium ${rowLink.className}`}
              prefetch={false}
            >
              <VisibleText text={row.type.displayName} />
            </Link>
            {row.type.displayName === row.type.name ? null : (
              <span className="min-w-0 truncate font-mono text-xs text-faint">{row.type.name}</span>
            )}
          </span>
        ),
      },
      {
        key: 'health',
        header: 'Health',
        width: 200,
        cell: figure((row) => <Marks row={row} className="flex-nowrap" />),
      },
      {
        key: 'waiting',
        header: 'Waiting',
        width: 88,
        align: 'right',
        cell: figure((row) => <Waiting row={row} />),
      },
      {
        key: 'running',
        header: 'Running, limit',
        width: 152,
        align: 'right',
        cell: figure((row) => (
          <RunningOfLimit row={row} inColumn asks={asks} onChange={onLimit && (() => onLimit(row))} />
        )),
      },
      {
        key: 'failed',
        header: 'Failed, 24 h',
        width: 136,
        align: 'right',
        cell: figure((row) => <FailureRate row={row} />),
      },
      {
        key: 'p95',
        header: 'Run p95, 24 h',
        width: 144,
        align: 'right',
        from: 'lg',
        cell: figure((row) => <RunP95 row={row} />),
      },
      {
        key: 'version',
        header: 'Version',
        width: 80,
        align: 'right',
        from: 'lg',
        cell: ({ type }) => (
          <span data-no-list="version" className="text-muted tabular-nums">
            {type.version}
          </span>
        ),
      },
    ]
  }, [href, known, asks, onLimit])
}

/** A job type on a phone. */
export function TypeCard({ row, known, asks, onLimit }: { row: TypeRow } & Options) {
  const { href } = useScope()
  const { type } = row
  return (
    <>
      <div className="flex items-baseline justify-between gap-3">
        <Link
          href={href(pathOf(row))}
          {...rowLink}
          className={`truncate text-base font-medium ${rowLink.className}`}
          prefetch={false}
        >
          <VisibleText text={type.displayName} />
        </Link>
        <span className="shrink-0 text-xs text-faint tabular-nums">version {type.version}</span>
      </div>
      {type.displayName === type.name ? null : <div className="truncate font-mono text-xs text-faint">{type.name}</div>}
      {known ? (
        <>
          {/* The rows have fixed heights, so that the room that is kept for them is always right. Marks that find no room
              are on the page of the type. */}
          <Marks row={row} className="mt-1 flex! h-6 overflow-hidden text-sm" />
          <div className="mt-1 grid auto-rows-[1.5rem] grid-cols-2 items-center gap-x-4 gap-y-1 text-xs text-muted pointer-coarse:auto-rows-[2.5rem]">
            <span>
              <Waiting row={row} /> waiting
            </span>
            <RunningOfLimit row={row} noun="running" asks={asks} onChange={onLimit && (() => onLimit(row))} />
            <span>
              <FailureRate row={row} /> failed
            </span>
            <span>
              <RunP95 row={row} /> run p95
            </span>
          </div>
        </>
      ) : (
        <span className="skeleton mt-2 block h-19 w-2/3 pointer-coarse:h-27" />
      )}
    </>
  )
}
