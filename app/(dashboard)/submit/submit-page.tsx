'use client'

import { LockKeyhole, PackageOpen } from 'lucide-react'
import { parseAsString, useQueryState } from 'nuqs'
import { Card } from '@/app/_components/card'
import { cn } from '@/app/_components/cn'
import { Field, Select } from '@/app/_components/field'
import { whyNotSubmit } from '@/app/_components/job-status'
import { Page } from '@/app/_components/page/page'
import { useScope } from '@/app/_components/shell/organization'
import { EmptyState, ErrorState } from '@/app/_components/page/states'
import type { JobType } from '@/app/_trpc/types'
import { useJobTypes } from '@/app/_trpc/use-job-types'
import { SubmitForm } from './submit-form'
import { visible } from '@/server/engine/domain/visible'

/** Chooses the organization and the job type. The form appears once both are known. */
export function SubmitPage() {
  const { organizationId, ready, me, viewer, select } = useScope()
  const [chosen, setChosen] = useQueryState('type', parseAsString.withOptions({ history: 'replace' }))
  const types = useJobTypes(organizationId, ready && organizationId !== undefined)

  const offered = types.data ?? []
  const type = offered.find((one) => one.name === chosen)
  const refused = me && organizationId ? whyNotSubmit(viewer) : null

  return (
    <Page title="Submit a job">
      {me && !organizationId && ready ? (
        <Field id="organization" label="Organization" hint="A job belongs to one organization." className="max-w-md">
          <Select id="organization" value="" onChange={(event) => select(event.target.value)}>
            <option value="" disabled>
              Choose an organization
            </option>
            {me.organizations.map((o) => (
              <option key={o.id} value={o.id}>
                {visible(o.name)}
              </option>
            ))}
          </Select>
        </Field>
      ) : refused ? (
        <EmptyState icon={LockKeyhole} title="You can look, but not submit" text={refused} />
      ) : types.error && !types.data ? (
        <ErrorState error={types.error} onRetry={() => void types.refetch()} />
      ) : !types.data || !organizationId ? (
        <SubmitSkeleton chosen={chosen !== null} />
      ) : offered.length === 0 ? (
        <EmptyState
          icon={PackageOpen}
          title="No job types"
          text="A system admin sets them up; then they can be submitted here."
        />
      ) : (
        <>
          <TypeField types={offered} value={type?.name ?? ''} onChange={(name) => void setChosen(name)} />
          {type ? (
            <SubmitForm key={`${organizationId} ${type.name}`} organizationId={organizationId} type={type} />
          ) : (
            <p className="mt-6 text-sm text-faint">
              {chosen
                ? `There is no job type "${chosen}" in this organization. Choose another one.`
                : 'The form appears when a job type is chosen.'}
            </p>
          )}
        </>
      )}
    </Page>
  )
}

/** The field for the job type, and the cards of the form where the address names a type. */
function SubmitSkeleton({ chosen }: { chosen: boolean }) {
  return (
    <div aria-busy="true" aria-label="Loading the job types">
      <SkeletonField className="max-w-2xl" />
      {chosen ? (
        <div className="mt-5 grid items-start gap-4 lg:grid-cols-aside">
          <SkeletonCard title="Parameters" fields={['w-24', 'w-16', 'w-32', 'w-20']} />
          <SkeletonCard title="Options" fields={['w-16', 'w-20']} />
        </div>
      ) : null}
    </div>
  )
}

const SkeletonCard = ({ title, fields }: { title: string; fields: string[] }) => (
  <Card title={title}>
    <div className="grid gap-4">
      {fields.map((width) => (
        <SkeletonField key={width} width={width} />
      ))}
    </div>
  </Card>
)

const SkeletonField = ({ width = 'w-16', className }: { width?: string; className?: string }) => (
  <div className={cn('grid gap-1.5', className)}>
    <span className={cn('skeleton my-0.5 block h-4', width)} />
    <span className="skeleton block h-control" />
  </div>
)

function TypeField({ types, value, onChange }: { types: JobType[]; value: string; onChange: (name: string) => void }) {
  const type = types.find((one) => one.name === value)
  return (
    <Field id="job-type" label="Job type" hint={type?.description || undefined} className="max-w-2xl">
      <Select
        id="job-type"
        value={value}
        onChange={(event) => onChange(event.target.value)}
        aria-describedby={type?.description ? 'job-type-note' : undefined}
      >
        <option value="" disabled>
          Choose a job type
        </option>
        {types.map((one) => (
          <option key={one.name} value={one.name} disabled={!one.enabled}>
            {repeatsTheName(one) ? one.name : `${visible(one.displayName)} (${one.name})`}
            {one.enabled ? '' : ', disabled'}
          </option>
        ))}
      </Select>
    </Field>
  )
}

/** True where the display name only repeats the name, such as "Sample work" for `sample.work`. */
const repeatsTheName = ({ name, displayName }: JobType) => wordsAlone(name) === wordsAlone(displayName)
const wordsAlone = (text: string) =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
