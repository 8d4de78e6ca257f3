import { Inbox, SearchX } from 'lucide-react'
import type { Column } from '@/app/_components/data-table/columns'
import { DataTable } from '@/app/_components/data-table/data-table'
import type { RowSelection } from '@/app/_components/data-table/selection'
import { EmptyState, ErrorState } from '@/app/_components/page/states'
import { useScope } from '@/app/_components/shell/organization'
import type { ListedJob, JobType } from '@/app/_trpc/types'
import { JobCard } from './job-card'
import { SubmitLink } from './submit-link'
import type { useJobList } from './use-job-list'

/** The name under which the reader's choice of columns is kept. */
export const TABLE = 'jobs'

interface Props {
  list: ReturnType<typeof useJobList>
  columns: Column<ListedJob>[]
  types: JobType[] | undefined
  /** Undefined where nothing can be ticked: where all organizations are shown, or this person may do nothing to jobs. */
  selection: RowSelection<ListedJob> | undefined
  /** True where some filter is set. */
  filtered: boolean
  onClearFilters: () => void
}

/** The jobs as a table. In its place stands an error, or the reason why the list is empty. */
export function JobsTable({ list, columns, types, selection, filtered, onClearFilters }: Props) {
  const { organization, href } = useScope()
  return (
    <div className="-mx-4 border-y border-line bg-surface md:mx-0 md:overflow-hidden md:rounded-lg md:border-x md:shadow-card">
      {list.error ? (
        <ErrorState error={list.error} onRetry={list.readAgain} />
      ) : list.loading || list.rows.length > 0 ? (
        <DataTable
          name={TABLE}
          keyboard
          caption="Jobs, newest first"
          columns={columns}
          rows={list.rows}
          rowKey={(job) => job.id}
          card={(job) => <JobCard job={job} types={types} href={href} />}
          loading={list.loading}
          stale={list.stale}
          dimmed={(job) => list.gone.has(job.id)}
          selection={selection}
        />
      ) : filtered ? (
        <EmptyState
          icon={SearchX}
          title="No job fits these filters"
          text="Words are looked for in title, parameters and error. What stands before a colon is a condition; write it in quotation marks to look for it as a word."
          action={{ label: 'Clear filters', onClick: onClearFilters }}
        />
      ) : (
        <EmptyState
          icon={Inbox}
          title="No jobs yet"
          text={`Jobs of ${organization?.name ?? 'every organization'} appear here as soon as they are submitted.`}
        >
          <SubmitLink />
        </EmptyState>
      )}
    </div>
  )
}
