'use client'

import { useQuery } from '@tanstack/react-query'
import Link from './link'
import { useTRPC } from '@/app/_trpc/client'
import type { AuditEntry } from '@/app/_trpc/types'
import type { AuditAction } from '@/server/engine/domain/audit/actions'
import { visible } from '@/server/engine/domain/visible'
import { may } from './may'
import { useScope } from './shell/organization'

interface Props {
  kind: 'organization' | 'jobType'
  /** What was changed: the id of an organization, or the name of a job type. */
  object: string
  action: AuditAction
  /** Looks only for a change of this field. */
  field?: string
}

/** The server does not filter by field. So the field is looked for in this many of the latest audit entries. */
const LOOKED_THROUGH = 50
const READ_AGAIN_MS = 30_000

/**
 * Links to the latest audit entry that explains the present state of an object, such as who suspended an organization.
 * It shows nothing where there is no such entry, and nothing to a person who may not read it. Entries about a job type
 * belong to no organization.
 */
export function AuditLink({ kind, object, action, field }: Props) {
  const trpc = useTRPC()
  const { viewer, href } = useScope()
  const ofPlatform = kind === 'jobType'
  const list = useQuery(
    trpc.audit.list.queryOptions(
      {
        organizationId: ofPlatform ? null : object,
        targetType: kind,
        targetId: object,
        action,
        limit: field ? LOOKED_THROUGH : 1,
      },
      {
        enabled: may(viewer, ofPlatform ? 'platform.audit' : 'audit.read'),
        staleTime: 10_000,
        refetchInterval: READ_AGAIN_MS,
      },
    ),
  )
  const entry = list.data?.items.find((one) => !field || changes(one, field))
  if (!entry) return null
  return (
    <Link
      href={href(`/audit?entry=${entry.id}`)}
      prefetch={false}
      title={visible(entry.sentence)}
      className="rounded text-sm text-accent hover:underline pointer-coarse:py-2"
    >
      {action === 'organization.suspend' ? 'Who suspended it, and why' : 'Who changed it'}
    </Link>
  )
}

/** An entry holds only the fields that were changed. */
const changes = ({ after }: AuditEntry, field: string) => typeof after === 'object' && after !== null && field in after
