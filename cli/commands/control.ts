import { Option, type Command } from 'commander'
import { CommandError } from '../command-error'
import { table } from '../print'
import { allPages, reasonOption, shortNames, withSession, type Session } from '../session'

interface Target {
  platform?: boolean
  type?: string
  org?: string
  reason?: string
}

const targeted = (command: Command): Command =>
  command
    .addOption(new Option('--platform', 'everything, of all organizations').conflicts(['type', 'org']))
    .addOption(new Option('--type <job type>', 'the jobs of one type').conflicts(['platform', 'org']))
    .addOption(new Option('--org <organization>', 'the jobs of one organization').conflicts(['platform', 'type']))
    .addOption(reasonOption())

/** The commands that hold work back and let it go on. */
export function addControlCommands(program: Command): void {
  targeted(program.command('pause'))
    .description('keeps jobs from starting, until they are resumed; running jobs go on')
    .action((target: Target, command: Command) =>
      withSession(command, async (session) => {
        const paused = await session.client.api.control.pause.mutate(await scopeOf(target, session))
        session.show(paused, () => `Paused since ${paused.pausedAt}, by ${paused.pausedBy.name}.`)
      }),
    )
  targeted(program.command('resume'))
    .description('ends a pause')
    .action((target: Target, command: Command) =>
      withSession(command, async (session) => {
        const answer = await session.client.api.control.resume.mutate(await scopeOf(target, session))
        session.show(answer, () => (answer.resumed ? 'Resumed.' : 'It was not paused.'))
      }),
    )
  program
    .command('pauses')
    .description('lists what is paused')
    .action((_, command: Command) =>
      withSession(command, async (session) => {
        const { client, show } = session
        const pauses = await allPages((cursor) => client.api.control.list.query({ cursor, limit: 200 }))
        const nameOf = await shortNames(session)
        show(pauses, () =>
          table(
            ['WHAT', 'SINCE (UTC)', 'BY', 'WHY'],
            pauses.map(({ scope, jobType, organizationId, pausedAt, pausedBy, reason }) => [
              scope === 'platform' ? 'the platform' : (jobType ?? `organization ${nameOf(organizationId)}`),
              pausedAt.slice(0, 19),
              pausedBy.name,
              reason,
            ]),
            'Nothing is paused.',
          ),
        )
      }),
    )
}

async function scopeOf({ platform, type, org, reason }: Target, { organization }: Session) {
  if (platform) return { scope: 'platform' as const, reason }
  if (type !== undefined) return { scope: 'jobType' as const, jobType: type, reason }
  if (org !== undefined) return { scope: 'organization' as const, organizationId: await organization(org), reason }
  throw new CommandError('Say what: --platform, --type JOB-TYPE or --org ORGANIZATION.')
}
