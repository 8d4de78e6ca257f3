import { may, type Viewer } from '@/app/_components/may'
import type { AlertDelivery, AlertRule, Me } from '@/app/_trpc/types'

interface Scope {
  organizationId: string | undefined
  viewer: Viewer
  me: Me | undefined
}

/**
 * True where this person may manage alert rules of the organization that the page shows. Where it shows all, one
 * organization is enough.
 */
export const mayManage = ({ organizationId, viewer, me }: Scope): boolean =>
  may(viewer, 'alerts.manage') || (!organizationId && (me?.organizations.some(({ role }) => role === 'ADMIN') ?? false))

/** For whom a new rule is: the organization, or the platform (null). Undefined: nobody has chosen an organization. */
export const ownerOf = ({ organizationId, viewer }: Scope): string | null | undefined =>
  organizationId ?? (may(viewer, 'platform.alerts') ? null : undefined)

/** The owner of a rule, in words. Empty while the organizations of this person are not known. */
export const ownerName = ({ organizationId }: Pick<AlertRule, 'organizationId'>, me: Me | undefined): string =>
  organizationId === null ? 'Platform' : (me?.organizations.find(({ id }) => id === organizationId)?.name ?? '')

export const STATE: Record<AlertRule['state'], { label: string; soft: string }> = {
  OK: { label: 'In order', soft: 'bg-completed-soft text-completed' },
  FIRING: { label: 'Firing', soft: 'bg-danger-soft text-danger' },
  QUIET: { label: 'Firing, quiet hours', soft: 'bg-pending-soft text-pending' },
  OFF: { label: 'Off', soft: 'bg-sunken text-muted' },
}

export const DELIVERY: Record<AlertDelivery['state'], { label: string; soft: string }> = {
  WAITING: { label: 'On its way', soft: 'bg-pending-soft text-pending' },
  SENT: { label: 'Sent', soft: 'bg-completed-soft text-completed' },
  FAILED: { label: 'Failed', soft: 'bg-danger-soft text-danger' },
  // The job that sends it was deleted.
  UNKNOWN: { label: 'Not known', soft: 'bg-sunken text-muted' },
}

/** Where messages go, in words. The path of a webhook may be a secret, so it is left out. */
export function targetWords(target: AlertRule['targets'][number]): string {
  if (target.type === 'mail') return target.to.join(', ')
  const { host } = new URL(target.url)
  return target.type === 'slack' ? `Slack, ${host}` : `Webhook, ${host}`
}
