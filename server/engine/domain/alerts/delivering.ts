import { systemActor, type Actor } from '../types'

/** Who submits the jobs that deliver messages. */
export const ALERTS = systemActor('alerts')

/**
 * The organization to which all jobs that deliver messages belong. What an organization's own queue, limits, pauses and suspension do
 * must not keep back the message about it, and its members do not see these jobs among their own (decision 0117).
 */
export const DELIVERING = { name: 'Alert messages', slug: 'alert-messages' } as const

/**
 * True where this actor may not give this short name to an organization. Only Jobyard itself may, so that no other
 * organization is taken for the one above. Where its short name is in use already, Jobyard adds a number: `alert-messages-2`.
 */
export const isKeptSlug = (slug: string, { type, name }: Pick<Actor, 'type' | 'name'>): boolean =>
  (slug === DELIVERING.slug || slug.startsWith(`${DELIVERING.slug}-`)) &&
  !(type === ALERTS.type && name === ALERTS.name)
