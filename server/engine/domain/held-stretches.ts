/**
 * A stretch of organizations, next to each other by their ids, all of whose waiting work a hold keeps back: those from
 * `bottom` on, and below `above`. Ids are UUIDs in lower case, whose order as text is their order in PostgreSQL.
 */
export interface HeldStretch {
  above: string
  bottom: string
  /** How many lanes lay in it. Where overlapping stretches were made one, lanes in both are counted twice. */
  lanes: number
}

/** Those stretches in which none of these organizations lies. */
export const withoutOrganizations = <Stretch extends HeldStretch>(
  stretches: readonly Stretch[],
  organizationIds: readonly string[],
): Stretch[] => stretches.filter(({ above, bottom }) => !organizationIds.some((id) => bottom <= id && id < above))

/** The same stretches from the top downwards, where those that touch or overlap are made one. */
export function merged(stretches: readonly HeldStretch[]): HeldStretch[] {
  const sorted = [...stretches].sort((a, b) => (a.above > b.above ? -1 : a.above < b.above ? 1 : 0))
  const result: HeldStretch[] = []
  for (const { above, bottom, lanes } of sorted) {
    const last = result.at(-1)
    if (!last || above < last.bottom) result.push({ above, bottom, lanes })
    else if (bottom < last.bottom) {
      last.bottom = bottom
      last.lanes += lanes
    }
  }
  return result
}
