import { ACCESS, ROLES, type Action, type Reach } from './access'

const WORD: Record<Reach, string> = { none: '–', own: 'own', any: 'yes' }

/** The whole of docs/access.md, drawn from the table in access.ts. */
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

## What outlasts nobody

A key of an organization gives nobody access: it makes no keys, invites nobody and raises no role, whatever its role
(platform keys may). A link to join is good only while whoever sent it may still send one. Who removes a member, or lowers
a role, says what becomes of the keys that the member made and that may more than the member from then on: \`keep\` or
\`revoke\`; their open invitations are taken back with it. Nobody joins without accepting.

## What takes a right away

A removed or demoted member, a disabled user, a revoked or expired key, a suspended or deleted organization: from the
next request on, and open event streams end within 5 seconds. In a suspended organization reading and canceling go on,
submitting and retrying do not; results are withheld from all but SYSTEM_ADMIN. A deleted one is gone for everybody else.
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
