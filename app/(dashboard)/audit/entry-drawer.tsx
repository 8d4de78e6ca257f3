'use client'

import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { Card } from '@/app/_components/card'
import { CopyButton } from '@/app/_components/copy-button'
import { Drawer } from '@/app/_components/drawer'
import { ErrorState } from '@/app/_components/page/states'
import { RelativeTime } from '@/app/_components/relative-time'
import { useScope } from '@/app/_components/shell/organization'
import { formatExact } from '@/app/_components/time'
import { VisibleText } from '@/app/_components/visible-text'
import { useTRPC } from '@/app/_trpc/client'
import type { AuditEntry } from '@/app/_trpc/types'
import { actionLabel } from '@/server/engine/domain/audit/actions'
import { EntryDifference } from './entry-difference'
import { kindLabel, objectPath } from './objects'
import type { Params } from './params'

interface Props {
  id: string
  /** The entry, where the list has it already. */
  known: AuditEntry | undefined
  onClose: () => void
  /** Shows the list with these filters alone. */
  onFilter: (filter: Partial<Params>) => void
}

/** One act: who did it, why, to what, and the difference that it made. Loaded when first needed. */
export default function EntryDrawer({ id, known, onClose, onFilter }: Props) {
  const trpc = useTRPC()
  // Entries never change, so one that was read is read no more.
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
          <Facts entry={entry} onFilter={onFilter} />
          <Card id="entry-difference" title="Before and after">
            <EntryDifference entry={entry} />
          </Card>
        </>
      )}
    </Drawer>
  )
}

function Facts({ entry, onFilter }: { entry: AuditEntry; onFilter: Props['onFilter'] }) {
  const { href, organizationId } = useScope()
  const { actor, targetType, targetId, targetName, action } = entry
  const path = objectPath(entry)
  // From all organizations a link leads into the one of the entry.
  const to = path && (organizationId || !entry.organizationId ? href(path) : inOrganization(path, entry.organizationId))
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-6 gap-y-2 text-sm">
      <Fact name="Who">
        <VisibleText text={actor.name} />
        {actor.type === 'key' ? <span className="text-muted"> (API key)</span> : null}
        {actor.id ? <Only what={`what ${actor.name} did`} onClick={() => onFilter({ person: actor.id })} /> : null}
      </Fact>
      <Fact name="Act">
        <VisibleText text={actionLabel(action)} />
        <Only what="acts of this kind" onClick={() => onFilter({ action })} />
      </Fact>
      <Fact name={kindLabel(targetType)}>
        {to ? (
          <Link href={to} className="rounded font-medium text-accent hover:underline">
            <VisibleText text={targetName ?? `${kindLabel(targetType)} ${targetId.slice(-8)}`} />
          </Link>
        ) : (
          <VisibleText text={targetName ?? targetId} />
        )}
        <Only what="acts on it" onClick={() => onFilter({ kind: targetType, object: targetId })} />
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

const inOrganization = (path: string, organizationId: string) =>
  `${path}${path.includes('?') ? '&' : '?'}org=${organizationId}`

const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
  <>
    <dt className="text-muted">{name}</dt>
    <dd className="min-w-0 wrap-anywhere">{children}</dd>
  </>
)

const Only = ({ what, onClick }: { what: string; onClick: () => void }) => (
  <button
    type="button"
    onClick={onClick}
    aria-label={`Show only ${what}`}
    className="ml-2 cursor-pointer rounded text-xs text-accent hover:underline pointer-coarse:py-1.5"
  >
    Show only these
  </button>
)
