import { useColumnChoice } from '@/app/_components/data-table/column-choice'
import { isDrawn, type Column } from '@/app/_components/data-table/columns'
import { ColumnsMenu } from '@/app/_components/data-table/columns-menu'
import type { JobFilterInput, ListedJob } from '@/app/_trpc/types'
import { ExportButton } from './export-button'
import type { Question } from './filters'
import { TABLE } from './jobs-table'
import { ViewsButton } from './views/views-button'

interface Props {
  question: Question
  filter: JobFilterInput
  columns: Column<ListedJob>[]
  onOpen: (question: Question) => void
  onExport: (jobId: string) => void
}

/** What stands beside the search: saved views, the export of the list, and the choice of columns. */
export function Toolbar({ question, filter, columns, onOpen, onExport }: Props) {
  const [choice, change] = useColumnChoice(TABLE)
  const drawn = columns.filter((column) => isDrawn(column, choice.shown)).map(({ key }) => key)
  return (
    <div className="ml-auto flex items-center">
      <ViewsButton
        question={question}
        columns={drawn}
        onOpen={(next, shown) => {
          onOpen(next)
          // A view made by a program may name columns of another table. Then the reader keeps their own columns.
          if (!shown || !columns.some(({ key }) => shown.includes(key))) return
          change((before) => ({
            ...before,
            shown: Object.fromEntries(columns.map(({ key, alwaysShown }) => [key, alwaysShown || shown.includes(key)])),
          }))
        }}
      />
      <ExportButton filter={filter} onStarted={onExport} />
      <ColumnsMenu table={TABLE} columns={columns} />
    </div>
  )
}
