import { Button } from '@/app/_components/button'
import type { Column } from '@/app/_components/data-table/columns'
import { RelativeTime } from '@/app/_components/relative-time'
import { formatExact } from '@/app/_components/time'
import { useNow } from '@/app/_components/use-now'
import { ROLE_LABEL } from '@/app/_components/role-label'
import { VisibleText } from '@/app/_components/visible-text'
import type { ApiKey } from '@/app/_trpc/types'
import { visible } from '@/server/engine/domain/visible'
import { endsSoon, isUnused, keyState, type View } from './key-state'
import { UsedAt } from './used-at'

// The API keys of an organization as rows of a table, and as cards on a phone.

type OnRevoke = (key: ApiKey) => void

export const keyColumns = (view: View, onRevoke: OnRevoke): Column<ApiKey>[] => [
  {
    key: 'name',
    header: 'Name',
    alwaysShown: true,
    cell: (key) => (
      <>
        <span className="font-medium">
          <VisibleText text={key.name} />
        </span>{' '}
        <Prefix apiKey={key} />
      </>
    ),
  },
  { key: 'role', header: 'Role', width: 112, cell: ({ role }) => ROLE_LABEL[role] },
  { key: 'used', header: 'Last used', width: 152, cell: (key) => <LastUse apiKey={key} /> },
  { key: 'ends', header: view === 'ended' ? 'Ended' : 'Expires', width: 136, cell: (key) => <EndOfKey apiKey={key} /> },
  {
    key: 'made',
    header: 'Made by',
    width: 168,
    from: 'xl',
    cell: ({ createdBy, createdAt }) => (
      <span className="text-muted" title={`Made ${formatExact(Date.parse(createdAt))}`}>
        <VisibleText text={createdBy?.name ?? 'the installation'} />
      </span>
    ),
  },
  {
    key: 'calls',
    header: 'Calls a second',
    width: 112,
    align: 'right',
    from: 'xl',
    cell: ({ callsPerSecond }) => (
      <span className="text-muted tabular-nums">{callsPerSecond.toLocaleString('en')}</span>
    ),
  },
  ...(view === 'ended'
    ? []
    : [
        {
          key: 'actions',
          header: 'Actions',
          width: 104,
          align: 'right' as const,
          alwaysShown: true,
          cell: (key: ApiKey) => <Revoke apiKey={key} onRevoke={onRevoke} />,
        },
      ]),
]

/** An API key as a card, for a phone. */
export function KeyCard({ apiKey, onRevoke }: { apiKey: ApiKey; onRevoke: OnRevoke }) {
  const live = keyState(apiKey, useNow(60_000)) === 'live'
  return (
    <div className="flex items-start gap-2 text-sm">
      <div className="min-w-0 flex-1">
        <span className="font-medium wrap-anywhere">
          <VisibleText text={apiKey.name} />
        </span>{' '}
        <Prefix apiKey={apiKey} />
        <div className="mt-0.5 text-xs text-muted">
          {ROLE_LABEL[apiKey.role]} · <LastUse apiKey={apiKey} phone />
        </div>
        <div className="mt-0.5 text-xs text-muted">
          {live ? 'expires ' : null}
          <EndOfKey apiKey={apiKey} />
        </div>
      </div>
      {live ? <Revoke apiKey={apiKey} onRevoke={onRevoke} /> : null}
    </div>
  )
}

const Prefix = ({ apiKey }: { apiKey: ApiKey }) => (
  <code className="font-mono text-xs text-faint">{apiKey.prefix}…</code>
)

function LastUse({ apiKey, phone = false }: { apiKey: ApiKey; phone?: boolean }) {
  const now = useNow(15_000)
  const { lastUsedAt, createdAt, unusedForDays } = apiKey
  if (keyState(apiKey, now) === 'live' && isUnused(apiKey))
    return (
      <span
        title={
          lastUsedAt
            ? `Last used ${formatExact(Date.parse(lastUsedAt))}`
            : `Never used, made ${formatExact(Date.parse(createdAt))}`
        }
        className="rounded-full bg-warning-soft px-1.5 py-0.5 text-xs text-warning tabular-nums"
      >
        {lastUsedAt ? 'unused' : 'never used'} for {unusedForDays} d
      </span>
    )
  if (lastUsedAt === null) return <span className="text-muted">{phone ? 'never used' : 'never'}</span>
  return (
    <span className="text-muted">
      {phone ? 'used ' : null}
      <UsedAt at={lastUsedAt} />
    </span>
  )
}

function EndOfKey({ apiKey }: { apiKey: ApiKey }) {
  const now = useNow(15_000)
  const { expiresAt, revokedAt, revokedBy } = apiKey
  const by = revokedBy ? `Revoked by ${visible(revokedBy.name)}` : undefined
  if (revokedAt)
    return (
      <span className="text-muted" title={by}>
        revoked <RelativeTime at={revokedAt} />
      </span>
    )
  if (!expiresAt) return <span className="text-faint">never</span>
  if (keyState(apiKey, now) === 'expired')
    return (
      <span className="text-warning">
        expired <RelativeTime at={expiresAt} />
      </span>
    )
  const soon = endsSoon(apiKey, now)
  return (
    <span className={soon ? 'text-warning' : 'text-muted'}>
      {soon ? 'soon: ' : null}
      <RelativeTime at={expiresAt} planned />
    </span>
  )
}

const Revoke = ({ apiKey, onRevoke }: { apiKey: ApiKey; onRevoke: OnRevoke }) => (
  <Button size="sm" aria-label={`Revoke ${visible(apiKey.name)}`} onClick={() => onRevoke(apiKey)}>
    Revoke…
  </Button>
)
