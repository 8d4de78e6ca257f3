'use client'

import { useScope } from '@/app/_components/shell/organization'
import { useJobTypes } from '@/app/_trpc/use-job-types'
import { useKeys } from '../organization/use-keys'
import { useMembers } from '../organization/use-members'
import { useMayRead } from './use-audit'

/**
 * The objects of a kind, to be chosen by their names. Null for kinds with too many objects, or with objects that are
 * deleted after a while, such as jobs. Those are found by their id.
 */
export function useObjects(kind: string | null): { value: string; label: string }[] | null {
  const { organizationId, ready, me } = useScope()
  const reads = useMayRead() && ready
  const ofTypes = kind === 'jobType' || kind === 'circuit'
  const types = useJobTypes(organizationId, reads && ofTypes)
  // Names change seldom, so they are not read again at intervals. Each organization has its own keys. Where all are shown, one is found by its id.
  const keys = useKeys(organizationId ?? null, reads && kind === 'apiKey' && organizationId !== undefined, false)
  const members = useMembers(reads && kind === 'member' ? organizationId : undefined, false)
  if (ofTypes) return (types.data ?? []).map(({ name }) => ({ value: name, label: name }))
  if (kind === 'organization') return (me?.organizations ?? []).map(({ id, name }) => ({ value: id, label: name }))
  if (kind === 'apiKey' && organizationId) return (keys.data ?? []).map(({ id, name }) => ({ value: id, label: name }))
  // Members belong to one organization.
  if (kind === 'member' && organizationId)
    // Acts on an open invitation are of another kind.
    return (members.data ?? []).flatMap(({ id, name, email, status }) =>
      status === 'MEMBER' ? [{ value: id, label: name ?? email ?? id }] : [],
    )
  return null
}
