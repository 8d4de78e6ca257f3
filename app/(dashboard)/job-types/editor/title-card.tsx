import { useQuery } from '@tanstack/react-query'
import { Card } from '@/app/_components/card'
import { Input } from '@/app/_components/field'
import { RelativeTime } from '@/app/_components/relative-time'
import { useScope } from '@/app/_components/shell/organization'
import { VisibleText } from '@/app/_components/visible-text'
import { useTRPC } from '@/app/_trpc/client'
import { jobTitle } from '@/server/engine/domain/job-title'
import type { Json } from '@/server/engine/domain/types'
import { Setting, type Editing } from './editor-fields'

/**
 * The template for the titles of jobs, and the title that it gives the newest job.
 * @param name of the job type. Null for a new one, which has no jobs
 */
export function TitleCard({ editing, name }: { editing: Editing; name: string | null }) {
  const { form, onChange, problems } = editing
  return (
    <Card id="title-of-jobs" title="Title of its jobs">
      <div className="grid gap-3">
        <Setting
          path="title"
          label="Template"
          editing={editing}
          hint="Text with paths of the parameters in braces. Empty: the first three values."
        >
          {(control) => (
            <Input
              {...control}
              autoComplete="off"
              spellCheck={false}
              className="font-mono"
              placeholder="{customer.name} · {month}"
              value={form.title}
              onChange={(event) => onChange({ title: event.target.value })}
            />
          )}
        </Setting>
        {name !== null && !problems.title ? <Preview editing={editing} name={name} /> : null}
      </div>
    </Card>
  )
}

function Preview({ editing: { config }, name }: { editing: Editing; name: string }) {
  const trpc = useTRPC()
  const { organizationId, ready } = useScope()
  const newest = useQuery(
    trpc.jobs.list.queryOptions(
      { ...(organizationId ? { organizationId } : {}), jobType: [name], limit: 1, include: ['parameters'] },
      { enabled: ready, staleTime: 60_000 },
    ),
  )
  if (newest.error) return null
  if (!newest.data) return <span className="skeleton block h-5 w-2/3" />
  const [job] = newest.data.items
  if (!job) return <p className="text-xs text-faint">The first job of this type will show what a title looks like.</p>
  // The list of jobs masks secrets. Titles are made from masked parameters, too.
  const title = jobTitle(config, job.parameters as Json)
  return (
    <div className="rounded bg-sunken px-3 py-2 text-sm">
      <p className="text-xs text-faint">
        The newest job, <RelativeTime at={job.createdAt} />, would be called
      </p>
      <p data-preview className="mt-0.5 font-medium wrap-anywhere">
        <bdi>
          <VisibleText text={title} />
        </bdi>
      </p>
    </div>
  )
}
