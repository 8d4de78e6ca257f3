'use client'

import { useQuery } from '@tanstack/react-query'
import Link from '@/app/_components/link'
import type { ReactNode } from 'react'
import { Card } from '@/app/_components/card'
import { CopyButton } from '@/app/_components/copy-button'
import { Drawer } from '@/app/_components/drawer'
import { ErrorState } from '@/app/_components/page/states'
import { RelativeTime } from '@/app/_components/relative-time'
import { useScope } from '@/app/_components/shell/organization'
import { ALL_ORGANIZATIONS } from '@/app/_components/shell/which-organization'
import { formatExact } from '@/app/_components/time'
import { VisibleText } from '@/app/_components/visible-text'
import { useTRPC } from '@/app/_trpc/client'
import type { AuditEntry } from '@/app/_trpc/types'
import { actionLabel } from '@/server/engine/domain/audit/actions'
import { visible } from '@/server/engine/domain/visible'
import { EntryDifference } from './entry-difference'
import { kindLabel, objectPath } from './objects'

interface Props {
  id: string
  /** The entry, if the list has already read it. */
  known: AuditEntry | undefined
  onClose: () => void
}

/**
 * One entry of the audit: who did it, why, to which object, and what it changed. The code is loaded when it is first
 * needed.
 */
export default function EntryDrawer({ id, known, onClose }: Props) {
  const trpc = useTRPC()
  // Entries never change, so each is read only once.
  const query = useQuery(trpc.audit.get.queryOptions({ id }, { initialData: known, staleTime: Infinity, retry: false }))
  const entry = query.data
  return (
    <Drawer
      title={entry ? <VisibleText text={entry.sentence} /> : query.isPending ? 'Reading the entry…' : 'Entry'}
      note={
        entry ? (
          <>
            {formatExact(Date.parse(entry.at))} · <RelativeTime at={entry.at} />
          </>
        ) : (
          'An act in the audit'
        )
      }
      onClose={onClose}
    >
      {query.error && !entry ? (
        <ErrorState compact error={query.error} onRetry={() => void query.refetch()} />
      ) : !entry ? (
        <>
          <span className="skeleton block h-28" />
          <span className="skeleton block h-40" />
        </>
      ) : (
        <>
          {entry.reason ? (
            <p className="text-sm wrap-anywhere">
              <span className="text-muted">Reason: </span>
              <VisibleText text={entry.reason} />
            </p>
          ) : null}
          <Facts entry={entry} />
          <Card id="entry-difference" title="Before and after">
            <EntryDifference entry={entry} />
          </Card>
        </>
      )}
    </Drawer>
  )
}

function Facts({ entry }: { entry: AuditEntry }) {
  const { href, organizationId } = useScope()
  const { actor, targetType, targetId, targetName, action } = entry
  const path = objectPath(entry)
  // Where the page shows all organizations, the link leads into that of the entry, if it has one. Otherwise it stays
  // where the page is.
  const to = path && (organizationId || !entry.organizationId ? href(path) : withOrg(path, entry.organizationId))
  // Entries that belong to no organization are only listed where all organizations are shown.
  const only = (filter: Record<string, string>) => {
    const list = `/audit?${new URLSearchParams(filter)}`
    return entry.organizationId === null ? withOrg(list, ALL_ORGANIZATIONS) : href(list)
  }
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-6 gap-y-2 text-sm">
      <Fact name="Who">
        <VisibleText text={actor.name} />
        {actor.type === 'key' ? <span className="text-muted"> (API key)</span> : null}
        {actor.id ? <ShowOnlyLink what={`what ${visible(actor.name)} did`} path={only({ person: actor.id })} /> : null}
      </Fact>
      <Fact name="Act">
        <VisibleText text={actionLabel(action)} />
        <ShowOnlyLink what="acts of this kind" path={only({ action })} />
      </Fact>
      <Fact name={kindLabel(targetType)}>
        {to ? (
          <Link href={to} className="rounded font-medium text-accent hover:underline">
            {/* The end of an id, as everywhere. Ids that were made at the same time begin alike. */}
            <VisibleText text={targetName ?? `${kindLabel(targetType)} ${targetId.slice(-8)}`} />
          </Link>
        ) : (
          <VisibleText text={targetName ?? targetId} />
        )}
        <ShowOnlyLink what="acts on it" path={only({ kind: targetType, object: targetId })} />
      </Fact>
      {entry.organizationName && targetType !== 'organization' ? (
        <Fact name="Organization">
          <VisibleText text={entry.organizationName} />
        </Fact>
      ) : null}
      {entry.address ? (
        <Fact name="From address">
          <span className="font-mono text-xs">{entry.address}</span>
        </Fact>
      ) : null}
      <Fact name="Entry">
        <code className="font-mono text-xs break-all">{entry.id}</code>
        <CopyButton text={entry.id} label="Copy the id of the entry" className="ml-1 size-6!" />
      </Fact>
    </dl>
  )
}

const withOrg = (path: string, org: string) => `${path}${path.includes('?') ? '&' : '?'}org=${org}`

const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
  <>
    <dt className="text-muted">{name}</dt>
    <dd className="min-w-0 wrap-anywhere">{children}</dd>
  </>
)

const ShowOnlyLink = ({ what, path }: { what: string; path: string }) => (
  <Link
    href={path}
    prefetch={false}
    aria-label={`Show only these: ${what}`}
    className="ml-2 rounded text-xs text-accent hover:underline pointer-coarse:py-1.5"
  >
    Show only these
  </Link>
)
