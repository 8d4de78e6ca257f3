import type { DbOrTx } from '@/server/db'
import type { JobPriority, Scope } from '../../domain/types'
import type { Estimate } from '../../domain/waiting-estimate'
import { endOfPlace, messageOf, placeOf, type ItemPlace, type WaitingItem } from '../../domain/waiting-items'
import type { WhatIf } from './waiting-bounds'
import { estimates } from './waiting-estimates'
import { waitingWork, type ReasonedGroup } from './waiting-groups'

/**
 * The most items of an answer. Where there are more, the half of this with the most jobs stays, and the rest is taken
 * together under their codes.
 */
const MOST_ITEMS = 200

export interface WaitingSummary {
  items: WaitingItem[]
  total: number
  byPriority: Record<JobPriority, number>
  byJobType: Record<string, number>
  /** How long until everything has run that could go on now. Null where nothing is known of any of it. */
  estimate: Estimate | null
}

/**
 * What the waiting jobs of a scope, or of one job type, wait for, and how long (rule 4.22). Most jobs first; the counts
 * add up.
 */
export async function waitingSummary(
  db: DbOrTx,
  { jobType, whatIf }: { jobType?: string; whatIf?: WhatIf },
  scope: Scope,
): Promise<WaitingSummary> {
  const work = await waitingWork(db, scope, { apartType: whatIf && jobType })
  const asked = jobType === undefined ? work.groups : work.groups.filter((group) => group.jobType === jobType)
  const estimateOf =
    asked.length === 0
      ? () => null
      : await estimates(db, work, scope, jobType && whatIf ? { ...whatIf, jobType } : undefined)
  const places = gatherIntoPlaces(asked)
  const items = places.map(({ place, groups }): WaitingItem => {
    const reason = groups[0]!.reason
    const first = new Date(Math.min(...groups.map(({ firstDue }) => firstDue.getTime())))
    const until = endOfPlace(place, reason, first)
    return {
      ...place,
      count: sumOf(groups),
      ...(until !== undefined && { until }),
      message: messageOf(place, reason),
      estimate: estimateOf(groups),
    }
  })
  return {
    items: items.sort((a, b) => b.count - a.count),
    total: sumOf(asked),
    byPriority: byPriority(asked),
    byJobType: byJobType(asked),
    estimate: longest(items.map(({ estimate }) => (estimate?.limitedBy.of === 'time' ? null : estimate))),
  }
}

interface Place {
  place: ItemPlace
  groups: ReasonedGroup[]
}

function gatherIntoPlaces(groups: readonly ReasonedGroup[]): Place[] {
  const exact = gather(groups, (group) => placeOf(group.reason, group)).sort(
    (a, b) => sumOf(b.groups) - sumOf(a.groups),
  )
  if (exact.length <= MOST_ITEMS) return exact
  const rest = exact.slice(MOST_ITEMS / 2).flatMap((place) => place.groups)
  return [...exact.slice(0, MOST_ITEMS / 2), ...gather(rest, ({ reason: { code } }) => ({ code }))]
}

function gather(groups: readonly ReasonedGroup[], placed: (group: ReasonedGroup) => ItemPlace): Place[] {
  const found = new Map<string, Place>()
  for (const group of groups) {
    const place = placed(group)
    const key = [place.code, place.jobType, place.organizationId, place.target].join(' ')
    const known = found.get(key)
    if (known) known.groups.push(group)
    else found.set(key, { place, groups: [group] })
  }
  return [...found.values()]
}

function byPriority(groups: readonly ReasonedGroup[]): Record<JobPriority, number> {
  const counts = { LOW: 0, NORMAL: 0, HIGH: 0, CRITICAL: 0 }
  for (const { priority, count } of groups) counts[priority] += count
  return counts
}

function byJobType(groups: readonly ReasonedGroup[]): Record<string, number> {
  const counts = new Map<string, number>()
  for (const { jobType, count } of groups) counts.set(jobType, (counts.get(jobType) ?? 0) + count)
  return Object.fromEntries(counts)
}

const sumOf = (groups: readonly ReasonedGroup[]) => groups.reduce((sum, { count }) => sum + count, 0)

const longest = (all: readonly (Estimate | null)[]): Estimate | null =>
  all.reduce<Estimate | null>((worst, each) => (each && (!worst || each.seconds > worst.seconds) ? each : worst), null)
