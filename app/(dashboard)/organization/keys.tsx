'use client'

import { KeyRound } from 'lucide-react'
import dynamic from 'next/dynamic'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import { useState } from 'react'
import { Card } from '@/app/_components/card'
import { DataTable } from '@/app/_components/data-table/data-table'
import { EmptyState, ErrorState } from '@/app/_components/page/states'
import { Segmented } from '@/app/_components/segmented'
import { formatCount } from '@/app/_components/time'
import { useNow } from '@/app/_components/use-now'
import type { ApiKey } from '@/app/_trpc/types'
import { KeyCard, keyColumns } from './key-columns'
import { inView, UNUSED_DAYS, VIEWS } from './key-state'
import { useKeys } from './use-keys'

const RevokeDialog = dynamic(() => import('./revoke-dialog'), { ssr: false })

interface Props {
  /** Null means the keys of the platform. */
  organizationId: string | null
  /** False while it is not known which organization is shown. Nothing is asked until then. */
  enabled: boolean
  /** Opens the form for a new key. */
  onNew: () => void
}

/** The API keys with which services sign in, and when each was last used. */
export function Keys({ organizationId, enabled, onNew }: Props) {
  const list = useKeys(organizationId, enabled)
  const [view, setView] = useQueryState(
    'keys',
    parseAsStringLiteral(VIEWS).withDefault('live').withOptions({ history: 'push' }),
  )
  const [revoking, setRevoking] = useState<ApiKey | null>(null)
  const now = useNow(60_000)
  const keys = list.data
  const rows = keys?.filter((key) => inView(key, view, now)) ?? []
  const label = (of: (typeof VIEWS)[number]) =>
    keys ? `${LABEL[of]} ${formatCount(keys.filter((key) => inView(key, of, now)).length)}` : LABEL[of]

  if (list.error && !keys) return <ErrorState error={list.error} onRetry={() => void list.refetch()} />
  return (
    <>
      <Card
        id="keys"
        title="API keys"
        padded={false}
        actions={
          <Segmented
            label="Which keys"
            value={view}
            onChange={(next) => void setView(next)}
            options={VIEWS.map((value) => ({ value, label: label(value) }))}
          />
        }
      >
        {keys && rows.length === 0 ? (
          <EmptyState
            compact
            icon={KeyRound}
            title={EMPTY[view].title}
            text={EMPTY[view].text}
            action={view === 'live' ? { label: 'New API key', onClick: onNew } : undefined}
          />
        ) : (
          <DataTable
            name="apiKeys"
            caption={`API keys, newest first: ${LABEL[view]}`}
            columns={keyColumns(view, setRevoking)}
            rows={rows}
            rowKey={({ id }) => id}
            card={(key) => <KeyCard apiKey={key} onRevoke={setRevoking} />}
            loading={!keys}
            skeletonRows={4}
          />
        )}
      </Card>
      {revoking ? <RevokeDialog apiKey={revoking} onClose={() => setRevoking(null)} /> : null}
    </>
  )
}

const LABEL = { live: 'Live', unused: `Unused for ${UNUSED_DAYS} d`, ended: 'Ended' } as const

const EMPTY = {
  live: { title: 'No live API key', text: 'A service needs one to submit jobs and to read them.' },
  unused: {
    title: 'Every live key is in use',
    text: `A key that no service has used for ${UNUSED_DAYS} days is listed here.`,
  },
  ended: { title: 'No key has ended yet', text: 'Keys that were revoked or have expired are listed here.' },
} as const
