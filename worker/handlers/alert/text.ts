import type { AlertMessage, AlertOfMessage } from '@/server/engine/domain/alerts/message'

/** The address of a page of the dashboard, or null where the installation does not say where it is. */
export const linkTo = (dashboard: string | null, path: string | null): string | null =>
  dashboard === null || path === null ? null : new URL(path, dashboard).href

/** An alert in one line: what, whose, and since when. */
export function lineOf({ state, text, organization, openedAt }: AlertOfMessage): string {
  const whose = organization === null ? '' : ` (${organization})`
  return `${state === 'firing' ? 'Firing' : 'Recovered'}${whose}: ${text} Since ${openedAt}.`
}

/** What stands below the alerts. */
export const footOf = ({ rule, more, test }: AlertMessage): string[] => [
  ...(more > 0 ? [`And ${more} more.`] : []),
  ...(test ? ['This is a test. Messages of this rule arrive here.'] : []),
  `Rule: ${rule.name}. ${rule.condition}.`,
]
