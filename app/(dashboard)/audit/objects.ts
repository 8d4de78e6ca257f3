import type { AuditEntry } from '@/app/_trpc/types'

/** The names of the kinds of objects. */
export const KIND_LABEL: Record<string, string> = {
  job: 'Job',
  bulk: 'Bulk action',
  cause: 'Cause of dead letters',
  jobType: 'Job type',
  circuit: 'Circuit',
  organization: 'Organization',
  member: 'Member',
  invitation: 'Invitation',
  apiKey: 'API key',
  request: 'Request',
  schedule: 'Schedule',
  alert: 'Alert rule',
  savedView: 'Saved view',
  worker: 'Worker',
  user: 'Account',
  platform: 'Platform',
}
export const kindLabel = (kind: string): string => KIND_LABEL[kind] ?? kind

type Target = Pick<AuditEntry, 'action' | 'targetType' | 'targetId' | 'organizationId' | 'before' | 'after'>

/** The page of the object that an entry is about. Null where there is none, or where the entry tells its deletion. */
export function objectPath(entry: Target): string | null {
  const { targetType, targetId, action } = entry
  const id = encodeURIComponent(targetId)
  switch (targetType) {
    case 'job':
      return action === 'job.delete' ? null : `/jobs/${id}`
    case 'bulk':
      return `/bulk/${id}`
    case 'request':
      return `/requests/${id}`
    case 'alert':
      return action === 'alert.delete' ? null : `/alerts/${id}`
    case 'schedule':
      return action === 'schedule.delete' ? null : `/schedules/${id}`
    case 'jobType':
      return `/job-types/${id}`
    case 'circuit':
      return '/circuits'
    case 'cause': {
      const [type = '', fingerprint = ''] = targetId.split(' ')
      return `/dead-letter?${new URLSearchParams({ cause: fingerprint, of: type })}`
    }
    case 'apiKey':
      return '/organization?tab=keys'
    case 'member':
    case 'invitation':
      return '/organization'
    case 'organization':
      return `/organization?tab=${changesLimits(entry) ? 'limits' : 'settings'}`
    case 'worker':
      return `/workers?worker=${id}`
    case 'platform':
      return '/platform'
    default:
      return null
  }
}

const changesLimits = ({ after }: Target) =>
  typeof after === 'object' && after !== null && ('maxConcurrent' in after || 'maxUnfinished' in after)

/** The address of all entries about one object. */
export const entriesOf = (kind: string, object: string): string => `/audit?${new URLSearchParams({ kind, object })}`
