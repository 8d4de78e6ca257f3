import { permits, type Action } from '@/server/auth/access'

/** Who looks at a page, as `session.me` says. */
export interface Viewer {
  userId: string | null
  /** In the organization that is looked at; null: none. */
  role: 'VIEWER' | 'OPERATOR' | 'ADMIN' | null
  systemAdmin: boolean
}

/** What the access table lets this person do: for what a page shows. The server decides again by the same table. */
export const may = (viewer: Viewer, action: Action, own = false): boolean =>
  permits(viewer.systemAdmin ? 'SYSTEM_ADMIN' : viewer.role, action, own)
