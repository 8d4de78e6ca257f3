/** The names of the roles as people read them. */
export const ROLE_LABEL = {
  VIEWER: 'Viewer',
  OPERATOR: 'Operator',
  ADMIN: 'Admin',
  SYSTEM_ADMIN: 'System admin',
} as const
