import { Option, type Command } from 'commander'
import { findProblems } from '@/server/deployment/at-start'
import { parseWebEnv } from '@/server/env'
import { CommandError } from '../command-error'
import { fields, table } from '../print'
import { allPages, orgOption, reasonOption, surroundingsOf, withSession, type Session } from '../session'

const roles = ['VIEWER', 'OPERATOR', 'ADMIN'] as const
type OrgRole = (typeof roles)[number]
const keyRoles = [...roles, 'SYSTEM_ADMIN'] as const
const waitingJobsOption = () =>
  new Option('--waiting-jobs <what>', 'what becomes of the waiting jobs of a revoked key').choices([
    'cancel',
    'transfer',
  ])

/** The commands about people and API keys. */
export function addAccessCommands(program: Command): void {
  addUsers(program.command('users').description('the members of an organization, and who administers the platform'))
  addKeys(program.command('keys').description('API keys of an organization, or of the platform'))
}

function addUsers(users: Command): void {
  users
    .command('list')
    .addOption(orgOption())
    .description('lists members and open invitations')
    .action(({ org }: { org?: string }, command: Command) =>
      withSession(command, async (session) => {
        const members = await membersOf(session, await session.organization(org))
        session.show(members, () =>
          table(
            ['ID', 'STATUS', 'ROLE', 'EMAIL', 'NAME', 'SINCE'],
            members.map(({ id, status, role, email, name, since }) => [
              id,
              status,
              role,
              email,
              name,
              since.slice(0, 10),
            ]),
          ),
        )
      }),
    )
  users
    .command('invite')
    .argument('<email>', 'the address of the person')
    .addOption(new Option('--role <role>', 'what the person may do').choices(roles).makeOptionMandatory())
    .addOption(orgOption())
    .addOption(reasonOption())
    .description('makes a link by which a person joins an organization')
    .action((email: string, options: { role: OrgRole; org?: string; reason?: string }, command: Command) =>
      withSession(command, async ({ client, show, organization, onDatabase, env }) => {
        // The link leads to NEXTAUTH_URL, which only the environment of web says.
        if (onDatabase) parseWebEnv(env)
        const { role, reason } = options
        const organizationId = await organization(options.org)
        const invited = await client.api.members.invite.mutate({ organizationId, email, role, reason })
        show(invited, () => `Send this link to ${email}. It is shown once:\n  ${invited.link}`)
      }),
    )
  users
    .command('role')
    .argument('<member>', 'the id or email address of the member')
    .argument('<role>', roles.join(', '))
    .addOption(orgOption())
    .addOption(keysOption())
    .addOption(waitingJobsOption())
    .addOption(reasonOption())
    .description('changes what a member may do')
    .action((member: string, role: string, options: LeaverOptions, command: Command) =>
      withSession(command, async (session) => {
        if (!(roles as readonly string[]).includes(role))
          throw new CommandError(`The role is "${role}". It must be ${roles.join(', ')}.`)
        const changed = await session.client.api.members.update.mutate({
          ...(await leaver(session, member, options)),
          role: role as OrgRole,
        })
        session.show(changed, () => `${changed.email ?? changed.id} is now ${changed.role}.`)
      }),
    )
  users
    .command('remove')
    .argument('<member>', 'the id or email address of the member or invitation')
    .addOption(orgOption())
    .addOption(keysOption())
    .addOption(waitingJobsOption())
    .addOption(reasonOption())
    .description('takes a person out of an organization at once')
    .action((member: string, options: LeaverOptions, command: Command) =>
      withSession(command, async (session) => {
        const removed = await session.client.api.members.remove.mutate(await leaver(session, member, options))
        session.show(removed, () => `${member} is no longer in the organization.`)
      }),
    )
  users
    .command('system-admin')
    .argument('<email>', 'the address of the account; it is made where there is none')
    .argument('[name]', 'the name of a new account')
    .description('makes an account one that administers the platform; works on the database only')
    .action((address: string, name: string | undefined, _, command: Command) =>
      onAccounts(command, async ({ makeAdmin }, databaseUrl) => {
        const { email, outcome, password } = await makeAdmin(databaseUrl, address, name)
        return { email, outcome, password }
      }),
    )
  users
    .command('new-password')
    .argument('<email>', 'the address of the account')
    .description('gives an account a new password, for somebody who has forgotten theirs; works on the database only')
    .action((email: string, _, command: Command) =>
      onAccounts(command, async ({ giveNewPassword }, databaseUrl) => ({
        ...(await giveNewPassword(databaseUrl, email)),
      })),
    )
}

/** For what needs no rights within Jobyard, but the database's own password. Prints what `act` returns. */
async function onAccounts(
  command: Command,
  act: (accounts: typeof import('@/prisma/make-admin'), databaseUrl: string) => Promise<Record<string, string | null>>,
): Promise<void> {
  const { env, out } = surroundingsOf(command)
  if (!env.DATABASE_URL)
    throw new CommandError('DATABASE_URL is not set, and this works on the database only: no key may do it.')
  const accounts = await import('@/prisma/make-admin')
  const problems = await findProblems({ databaseUrl: env.DATABASE_URL })
  if (problems.length > 0) throw new CommandError(problems.map(({ message }) => message).join('\n'))
  const done = await act(accounts, env.DATABASE_URL).catch((error: unknown) => {
    throw error instanceof accounts.AccountRefused ? new CommandError(error.message) : error
  })
  const { json } = command.optsWithGlobals<{ json?: boolean }>()
  out(json ? JSON.stringify(done, null, 2) : fields(done))
}

function addKeys(keys: Command): void {
  const ofPlatform = () => new Option('--platform', 'keys of the platform itself').conflicts('org')
  type Owner = { org?: string; platform?: boolean }
  const owner = async ({ org, platform }: Owner, { organization }: Session) => (platform ? null : organization(org))
  keys
    .command('list')
    .addOption(orgOption())
    .addOption(ofPlatform())
    .description('lists API keys that work, and those that were revoked')
    .action((options: Owner, command: Command) =>
      withSession(command, async (session) => {
        const organizationId = await owner(options, session)
        const found = await allPages((cursor) =>
          session.client.api.apiKeys.list.query({ organizationId, cursor, limit: 100 }),
        )
        session.show(found, () =>
          table(
            ['ID', 'KEY', 'ROLE', 'NAME', 'LAST USED', 'STATE'],
            found.map(({ id, prefix, role, name, lastUsedAt, revokedAt, expiresAt }) => [
              id,
              `${prefix}…`,
              role,
              name,
              lastUsedAt?.slice(0, 16),
              stateOfKey({ revokedAt, expiresAt }),
            ]),
          ),
        )
      }),
    )
  keys
    .command('create')
    .argument('<name>', 'what the key is for')
    .addOption(new Option('--role <role>', 'what the key may do').choices(keyRoles))
    .option('--calls-per-second <number>', 'how often it may call')
    .option('--expires <time>', 'when it stops to work, as in 2027-01-01')
    .addOption(orgOption())
    .addOption(ofPlatform())
    .addOption(reasonOption())
    .description('makes an API key and shows it once')
    .action((name: string, options: Owner & KeyOptions, command: Command) =>
      withSession(command, async (session) => {
        const role = options.role ?? (options.platform ? 'SYSTEM_ADMIN' : undefined)
        if (!role) throw new CommandError(`Say what the key may do: --role ${roles.join(', ')}.`)
        const made = await session.client.api.apiKeys.create.mutate({
          organizationId: await owner(options, session),
          name,
          role,
          callsPerSecond: options.callsPerSecond === undefined ? undefined : Number(options.callsPerSecond),
          expiresAt: options.expires === undefined ? undefined : expiry(options.expires),
          reason: options.reason,
        })
        session.show(made, () => `${made.key}\n(${made.apiKey.role}; it is shown once)`)
      }),
    )
  keys
    .command('revoke')
    .argument('<key>', 'the id of the key, from `keys list`')
    .addOption(orgOption())
    .addOption(ofPlatform())
    .addOption(waitingJobsOption())
    .addOption(reasonOption())
    .description('ends an API key at once')
    .action((apiKeyId: string, options: Owner & LeaverOptions, command: Command) =>
      withSession(command, async (session) => {
        const { waitingJobs, reason } = options
        const organizationId = await owner(options, session)
        const revoked = await session.client.api.apiKeys.revoke.mutate({
          organizationId,
          apiKeyId,
          waitingJobs,
          reason,
        })
        session.show(revoked, () => `Revoked. ${revoked.jobs} waiting jobs were concerned.`)
      }),
    )
}

interface KeyOptions {
  role?: (typeof keyRoles)[number]
  callsPerSecond?: string
  expires?: string
  reason?: string
}

/** Options of commands by which a member gets another role or leaves, or a key ends. */
interface LeaverOptions {
  org?: string
  keys?: 'keep' | 'revoke'
  waitingJobs?: 'cancel' | 'transfer'
  reason?: string
}

function stateOfKey({ revokedAt, expiresAt }: { revokedAt: string | null; expiresAt: string | null }): string {
  if (revokedAt) return `revoked ${revokedAt.slice(0, 10)}`
  if (!expiresAt) return 'works'
  return `${Date.parse(expiresAt) <= Date.now() ? 'expired' : 'until'} ${expiresAt.slice(0, 10)}`
}

const keysOption = () =>
  new Option('--keys <what>', 'what becomes of the API keys that the member made').choices(['keep', 'revoke'])

const membersOf = ({ client }: Session, organizationId: string) =>
  allPages((cursor) => client.api.members.list.query({ organizationId, cursor, limit: 100 }))

/** The input of a call by which a member gets another role or leaves. */
async function leaver(session: Session, named: string, { org, keys, waitingJobs, reason }: LeaverOptions) {
  const organizationId = await session.organization(org)
  const members = await membersOf(session, organizationId)
  const found = members.find(({ id, email }) => id === named || email === named.toLowerCase())
  if (!found) throw new CommandError(`"${named}" is no member of the organization. \`jobyard users list\` shows them.`)
  return { organizationId, memberId: found.id, keys, waitingJobs, reason }
}

function expiry(text: string): string {
  const at = new Date(text)
  if (Number.isNaN(at.getTime())) throw new CommandError(`--expires is "${text}". It must be a time, as in 2027-01-01.`)
  return at.toISOString()
}
