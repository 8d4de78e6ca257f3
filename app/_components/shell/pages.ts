import {
  BellRing,
  Building2,
  CalendarClock,
  ChartNoAxesColumn,
  Gauge,
  Hand,
  ListChecks,
  ListTree,
  OctagonX,
  ScrollText,
  Server,
  Shapes,
  SquarePlus,
  Unplug,
  type LucideIcon,
} from 'lucide-react'
import type { Action } from '@/server/auth/access'
import { may, type Viewer } from '../may'

/** A page in the navigation. */
export interface PageLink {
  path: string
  label: string
  group: Group
  icon: LucideIcon
  /** Whoever may do this, if only for what is their own, sees the page. It is hidden from all others. */
  needs: Action
}

/** The groups in the order in which they stand. The first has no heading. */
const GROUPS = ['Work', 'Set up', 'Organization', 'Platform'] as const
export type Group = (typeof GROUPS)[number]

/** All pages of the navigation, in the order in which they stand. */
// prettier-ignore
export const PAGES: readonly PageLink[] = [
  { path: '/', label: 'Overview', group: 'Work', icon: ChartNoAxesColumn, needs: 'jobs.read' },
  { path: '/jobs', label: 'Jobs', group: 'Work', icon: ListTree, needs: 'jobs.read' },
  { path: '/dead-letter', label: 'Dead letter', group: 'Work', icon: OctagonX, needs: 'jobs.read' },
  // Viewers see this page, too. It tells them why they cannot submit, and whom to ask.
  { path: '/submit', label: 'Submit', group: 'Work', icon: SquarePlus, needs: 'jobs.read' },
  { path: '/schedules', label: 'Schedules', group: 'Work', icon: CalendarClock, needs: 'schedules.read' },
  { path: '/workers', label: 'Workers', group: 'Work', icon: Server, needs: 'jobs.read' },
  { path: '/circuits', label: 'Circuits', group: 'Work', icon: Unplug, needs: 'jobs.read' },
  { path: '/bulk', label: 'Bulk actions', group: 'Work', icon: ListChecks, needs: 'jobs.read' },
  { path: '/alerts', label: 'Alerts', group: 'Work', icon: BellRing, needs: 'alerts.manage' },
  { path: '/requests', label: 'Requests', group: 'Work', icon: Hand, needs: 'requests.read' },
  { path: '/job-types', label: 'Job types', group: 'Set up', icon: Shapes, needs: 'jobTypes.read' },
  { path: '/organization', label: 'Organization', group: 'Organization', icon: Building2, needs: 'members.read' },
  { path: '/audit', label: 'Audit', group: 'Organization', icon: ScrollText, needs: 'audit.read' },
  { path: '/platform', label: 'Platform', group: 'Platform', icon: Gauge, needs: 'organizations.read' },
]

/**
 * The pages that a person may see, by group. Groups without any page are left out. While it is not known who looks (no
 * role, no system admin), these are the pages that everybody may see.
 */
export function pagesFor(viewer: Viewer, pages = PAGES): { group: Group; pages: PageLink[] }[] {
  const known = viewer.systemAdmin || viewer.role ? viewer : { ...viewer, role: 'VIEWER' as const }
  return GROUPS.map((group) => ({
    group,
    pages: pages.filter((page) => page.group === group && may(known, page.needs, true)),
  })).filter((one) => one.pages.length > 0)
}

/** True where `pathname` is the page itself or lies below it. */
export const isWithin = (pathname: string, { path }: Pick<PageLink, 'path'>) =>
  path === '/' ? pathname === '/' : pathname === path || pathname.startsWith(`${path}/`)
