import { roleMayDo, type Action } from '@/server/auth/access'

/** The person who looks at a page, with one role. */
export interface Viewer {
  userId: string | null
  /** The role in one organization: that of the page, or that of an object (`viewerIn`). Null where there is none. */
  role: 'VIEWER' | 'OPERATOR' | 'ADMIN' | null
  systemAdmin: boolean
}

/**
 * True where the access table allows the action to this person. Pages use it to choose what they show. The server
 * decides again by the same table.
 * @param own true where the object belongs to this person, such as a job that they submitted
 */
export const may = (viewer: Viewer, action: Action, own = false): boolean =>
  roleMayDo(viewer.systemAdmin ? 'SYSTEM_ADMIN' : viewer.role, action, own)
