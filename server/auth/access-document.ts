import { ACCESS, ROLES, type Action, type Reach } from './access'

const WORD: Record<Reach, string> = { none: '–', own: 'own', any: 'yes' }

/** The whole text of docs/access.md, made from the table in access.ts. */
export function accessMarkdown(): string {
  const actions = Object.keys(ACCESS) as Action[]
  const ofPlatform = (action: Action) => ACCESS[action].ADMIN === 'none'
  return `# Who may do what

<!-- Drawn from server/auth/access.ts. To write it anew:
     UPDATE_DOCS=1 npx vitest run --project unit server/auth/access.test.ts -->

One table decides. The API reads it at each request, with the role that the database holds at that moment (User →
Person → OrgMember, or the API key's row); the dashboard shows by the same table.

## In an organization

${table(actions.filter((action) => !ofPlatform(action)))}

“own”: what the caller submitted itself. Who has no role in an organization is told NOT_FOUND, also where it exists; who
has one that is too low, NOT_PERMITTED.

## On the platform

${table(actions.filter(ofPlatform))}

Whoever signs in or calls with a key may ask who it is (\`session.me\`) and which pauses concern it (\`control.list\`).

## When a member leaves

- An API key of an organization gives nobody access: it makes no keys, invites nobody and raises no role, whatever its own
  role is. A key of the platform may.
- An invitation is good only while whoever sent it may still invite.
- Whoever removes a member, or lowers a role, decides about the API keys that the member made: \`keep\` or \`revoke\`. At a
  lower role this is about the keys that may do more than the member from then on. The member's open invitations are
  withdrawn at the same time.
- Nobody becomes a member without accepting.

## When access ends

These lose their rights with the next request, and open event streams that they may no longer read end within 5 seconds: a removed or demoted
member, a disabled user, a revoked or expired key, and everybody in a deleted organization, which is NOT_FOUND to all but
SYSTEM_ADMIN.

When an organization is suspended, its open event streams end as well, and may be opened again. Reading and canceling go on;
submitting and retrying are refused. Only SYSTEM_ADMIN sees results.
`
}

function table(actions: readonly Action[]): string {
  const head = ['action', ...ROLES, 'to']
  const rows = actions.map((action) => [
    `\`${action}\``,
    ...ROLES.map((role) => WORD[ACCESS[action][role]]),
    ACCESS[action].what,
  ])
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
