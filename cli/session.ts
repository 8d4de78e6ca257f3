import { Option, type Command } from 'commander'
import { isUuid } from '@/server/engine/domain/uuid'
import { connect, type ConnectOptions, type Connection } from './connect'
import { CommandError } from './command-error'

/** Where a command runs: its environment, and where it writes. */
export interface Surroundings {
  env: NodeJS.ProcessEnv
  /** Writes lines of the answer. */
  out: (text: string) => void
  /** Writes lines that are no answer. */
  err: (text: string) => void
  /** Set to 1 by a command that answers, but not well: one of several ids was refused, or the doctor found a fault. */
  exitCode?: number
}

const given = new WeakMap<Command, Surroundings>()

/** Where a command runs. */
export function surroundingsOf(command: Command): Surroundings {
  for (let at: Command | null = command; at; at = at.parent) {
    const found = given.get(at)
    if (found) return found
  }
  throw new Error('The program was made without its surroundings.')
}
/** Tells the commands of a program where they run. */
export const setSurroundings = (program: Command, surroundings: Surroundings): void =>
  void given.set(program, surroundings)

/** What a command gets: its connection, its surroundings, and what most commands do with them. */
export interface Session extends Connection, Surroundings {
  json: boolean
  /** Prints an answer: for people, or as JSON with --json. */
  show(value: unknown, forPeople: () => string): void
  /** The id of an organization that was named by its id, short name or name. Without a name: the only one there is. */
  organization(named: string | undefined): Promise<string>
}

interface GlobalOptions extends ConnectOptions {
  json?: boolean
}

/** Options that many commands take. */
export const orgOption = () =>
  new Option('--org <organization>', 'the organization: its id or short name (needed where a key sees several)')
export const reasonOption = () => new Option('--reason <text>', 'why; it stands in the audit')

/** Runs one command with a connection, which is closed afterwards. */
export async function withSession(command: Command, work: (session: Session) => Promise<void>): Promise<void> {
  const { json = false, ...options } = command.optsWithGlobals<GlobalOptions>()
  const { env, out, err } = surroundingsOf(command)
  const connection = await connect(options, env)
  try {
    await work({
      ...connection,
      json,
      env,
      out,
      err,
      show: (value, forPeople) => out(json ? JSON.stringify(value, null, 2) : forPeople()),
      organization: (named) => findOrganization(connection, named),
    })
  } finally {
    await connection.close()
  }
}

async function findOrganization({ client }: Connection, named: string | undefined): Promise<string> {
  if (named !== undefined && isUuid(named)) return named
  const { organizations } = await client.api.session.me.query()
  const known = organizations.filter(({ id, slug, name }) => named === undefined || [id, slug, name].includes(named))
  if (known.length === 1) return known[0]!.id
  if (named === undefined)
    throw new CommandError(
      organizations.length === 0
        ? 'There is no organization yet.'
        : `Say which organization with --org: ${someOf(organizations.map(({ slug }) => slug))}.`,
    )
  throw new CommandError(
    known.length > 1
      ? `Several organizations are called "${named}". Name one by its short name or id.`
      : `There is no organization "${named}" that you may see. \`jobyard organizations list\` shows them.`,
  )
}

/** A list in words that stays one line: the first ten, and how many more there are. */
const someOf = (names: readonly string[]): string =>
  names.length <= 10 ? names.join(', ') : `${names.slice(0, 10).join(', ')} and ${names.length - 10} more`

/** What to call each organization that the caller sees, by its id. */
export async function shortNames({ client }: Connection): Promise<(id: string | null) => string> {
  const { organizations } = await client.api.session.me.query()
  const names = new Map(organizations.map(({ id, slug }) => [id, slug]))
  return (id) => (id === null ? '-' : (names.get(id) ?? id))
}

/** Every item of a list that comes in pages. */
export async function allPages<T>(
  read: (cursor: string | undefined) => Promise<{ items: T[]; nextCursor: string | null }>,
): Promise<T[]> {
  const items: T[] = []
  for (let cursor: string | undefined; ;) {
    const page = await read(cursor)
    items.push(...page.items)
    if (page.nextCursor === null) return items
    cursor = page.nextCursor
  }
}
