'use client'

import { useScope } from '@/app/_components/shell/organization'
import { useJobTypes } from '@/app/_trpc/use-job-types'
import { wasNeverRead } from '@/app/_trpc/was-never-read'
import { useKeys } from '../organization/use-keys'
import { useMembers } from '../organization/use-members'
import { useMayRead } from './use-audit'

type Options = { value: string; label: string }[]

/**
 * The objects of a kind, to be chosen by their names. They are null for kinds with too many objects, or with objects that
 * are deleted after a while, such as jobs. Those are found by their id.
 */
export function useObjects(kind: string | null): { options: Options | null; failed: boolean; readAgain: () => void } {
  const { organizationId, ready, me } = useScope()
  const reads = useMayRead() && ready
  const ofTypes = kind === 'jobType' || kind === 'circuit'
  // Each organization has its own keys and members. Where all are shown, one is found by its id.
  const ofKeys = kind === 'apiKey' && organizationId !== undefined
  const ofMembers = kind === 'member' && organizationId !== undefined
  const types = useJobTypes(organizationId, reads && ofTypes)
  // Names change seldom, so they are not read again at intervals.
  const keys = useKeys(organizationId ?? null, reads && ofKeys, false)
  const members = useMembers(reads && ofMembers ? organizationId : undefined, false)
  const list = ofTypes ? types : ofKeys ? keys : ofMembers ? members : null
  return {
    options: optionsOf(),
    failed: list !== null && wasNeverRead(list),
    readAgain: () => void list?.refetch(),
  }

  function optionsOf(): Options | null {
    if (ofTypes) return (types.data ?? []).map(({ name }) => ({ value: name, label: name }))
    if (kind === 'organization') return (me?.organizations ?? []).map(({ id, name }) => ({ value: id, label: name }))
    if (ofKeys) return (keys.data ?? []).map(({ id, name }) => ({ value: id, label: name }))
    if (!ofMembers) return null
    // Acts on an open invitation are of another kind.
    return (members.data ?? []).flatMap(({ id, name, email, status }) =>
      status === 'MEMBER' ? [{ value: id, label: name ?? email ?? id }] : [],
    )
  }
}
