import { listOrganizations } from '@/server/engine'
import { me } from '../schemas/session'
import { authenticated, router } from '../trpc'

// The procedure that tells callers who they are.

export const sessionRouter = router({
  me: authenticated
    .meta({
      summary: 'Who calls',
      description:
        'The user or key behind this call, and the organizations it may see with its role in each. A SYSTEM_ADMIN sees all of them.',
    })
    .output(me)
    .query(async ({ ctx: { principal, services } }) => {
      const { type, id, name, email, systemAdmin, memberships } = principal
      const roles = new Map(memberships.map((membership) => [membership.id, membership.role]))
      // Where a system admin is no member, they count as an ADMIN.
      const organizations = systemAdmin
        ? (await listOrganizations(services.db)).map((o) => ({ ...o, role: roles.get(o.id) ?? ('ADMIN' as const) }))
        : [...memberships]
      // The command line that works on the database has no account. The API knows only users and keys, so it is shown
      // as a key.
      return { user: { type: type === 'user' ? type : 'key', id, name, email }, systemAdmin, organizations }
    }),
})
