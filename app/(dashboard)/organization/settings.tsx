'use client'

import { useQuery } from '@tanstack/react-query'
import { Card } from '@/app/_components/card'
import { CopyButton } from '@/app/_components/copy-button'
import { ErrorState } from '@/app/_components/page/states'
import { RelativeTime } from '@/app/_components/relative-time'
import { useTRPC } from '@/app/_trpc/client'
import { NameForm } from './name-form'
import { State } from './state'
import { TimeZoneForm } from './time-zone-form'
import { READ_AGAIN_MS } from './use-members'

/** The name and the time zone of the organization, whether its jobs run, and what never changes. */
export function Settings({ organizationId }: { organizationId: string | undefined }) {
  const trpc = useTRPC()
  const query = useQuery(
    trpc.organizations.get.queryOptions(
      { organizationId: organizationId ?? '' },
      { enabled: organizationId !== undefined, refetchInterval: READ_AGAIN_MS },
    ),
  )
  if (query.error && !query.data) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />
  const settings = query.data
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <div className="grid gap-4">
        <Card id="name-card" title="Name">
          {settings ? <NameForm key={settings.id} settings={settings} /> : <span className="skeleton block h-40" />}
        </Card>
        <Card id="time-zone-card" title="Time zone">
          {settings ? <TimeZoneForm key={settings.id} settings={settings} /> : <span className="skeleton block h-32" />}
        </Card>
      </div>
      <div className="grid gap-4">
        <Card id="state" title="State">
          {settings ? <State settings={settings} /> : <span className="skeleton block h-24" />}
        </Card>
        <Card id="facts" title="Facts">
          <dl className="grid grid-cols-[auto_minmax(0,1fr)] items-center gap-x-6 gap-y-2 text-sm">
            <dt className="text-muted">ID</dt>
            <dd className="flex min-w-0 items-center gap-1">
              <code className="min-w-0 font-mono text-xs break-all">{organizationId}</code>
              {organizationId ? <CopyButton text={organizationId} label="Copy the id" /> : null}
            </dd>
            <dt className="text-muted">Short name</dt>
            <dd className="wrap-anywhere">{settings?.slug ?? <span className="skeleton block h-4 w-24" />}</dd>
            <dt className="text-muted">Since</dt>
            <dd>
              {settings ? <RelativeTime at={settings.createdAt} /> : <span className="skeleton block h-4 w-24" />}
            </dd>
          </dl>
        </Card>
      </div>
    </div>
  )
}
