import type { Command } from 'commander'
import { fields, table } from '../print'
import { allPages, reasonOption, shortNames, withSession } from '../session'

/** The commands about organizations. */
export function addOrganizationCommands(program: Command): void {
  const organizations = program.command('organizations').description('the organizations of the platform')
  organizations
    .command('list')
    .description('lists the organizations that you may see')
    .action((_, command: Command) =>
      withSession(command, async ({ client, show }) => {
        const { organizations: found } = await client.api.session.me.query()
        show(found, () =>
          table(
            ['ID', 'SHORT NAME', 'STATUS', 'NAME'],
            found.map(({ id, slug, status, name }) => [id, slug, status, name]),
            'There is no organization yet. Make one: jobyard organizations create SHORT-NAME NAME.',
          ),
        )
      }),
    )
  organizations
    .command('show')
    .argument('<organization>', 'its id or short name')
    .description('shows settings, limits and how far they are used')
    .action((named: string, _, command: Command) =>
      withSession(command, async ({ client, show, organization }) => {
        const organizationId = await organization(named)
        const [found, usage] = [
          await client.api.organizations.get.query({ organizationId }),
          await client.api.organizations.usage.query({ organizationId }),
        ]
        show({ ...found, usage }, () =>
          fields({
            id: found.id,
            name: found.name,
            'short name': found.slug,
            status: found.status,
            'unfinished jobs': `${usage.maxUnfinished.used} of ${usage.maxUnfinished.limit ?? 'any number'}`,
            'running jobs': `${usage.maxConcurrent.used} of ${usage.maxConcurrent.limit ?? 'any number'}`,
            'time zone': found.timeZone,
            created: found.createdAt,
          }),
        )
      }),
    )
  organizations
    .command('create')
    .argument('<short-name>', 'a-z, 0-9 and "-"')
    .argument('<name>', 'the name that people see')
    .addOption(reasonOption())
    .description('makes an organization; invite its first member with `users invite`')
    .action((slug: string, name: string, { reason }: { reason?: string }, command: Command) =>
      withSession(command, async ({ client, show }) => {
        const made = await client.api.organizations.create.mutate({ name, slug, reason })
        show(made, () => `Made ${made.slug}: ${made.id}`)
      }),
    )
  for (const [name, verb, description] of [
    ['suspend', 'suspended', 'refuses new jobs and holds the waiting ones back'],
    ['resume', 'active again', 'ends a suspension'],
  ] as const)
    organizations
      .command(name)
      .argument('<organization>', 'its id or short name')
      .addOption(reasonOption())
      .description(description)
      .action((named: string, { reason }: { reason?: string }, command: Command) =>
        withSession(command, async ({ client, show, organization }) => {
          const changed = await client.api.organizations[name].mutate({
            organizationId: await organization(named),
            reason,
          })
          show(changed, () => `${named} is ${verb}.`)
        }),
      )
}

/** The commands about schedules. */
export function addScheduleCommands(program: Command): void {
  const schedules = program.command('schedules').description('jobs that are submitted again and again')
  schedules
    .command('list')
    .option('--org <organization>', 'only those of one organization')
    .description('lists schedules and when they run next')
    .action(({ org }: { org?: string }, command: Command) =>
      withSession(command, async (session) => {
        const { client, show, organization } = session
        const organizationId = org === undefined ? undefined : await organization(org)
        const nameOf = await shortNames(session)
        const found = await allPages((cursor) =>
          client.api.schedules.list.query({ organizationId, cursor, limit: 100 }),
        )
        show(found, () =>
          table(
            ['ID', 'ON', 'ORGANIZATION', 'NAME', 'JOB TYPE', 'WHEN', 'NEXT (UTC)'],
            found.map(({ id, organizationId: of, enabled, name, jobType, inWords, timeZone, nextRunAt, heldBy }) => [
              id,
              enabled ? 'yes' : 'no',
              nameOf(of),
              name,
              jobType,
              `${inWords} (${timeZone})`,
              heldBy ?? nextRunAt?.slice(0, 19),
            ]),
          ),
        )
      }),
    )
  schedules
    .command('run')
    .argument('<schedule>', 'its id')
    .addOption(reasonOption())
    .description('submits the job of a schedule now')
    .action((scheduleId: string, { reason }: { reason?: string }, command: Command) =>
      withSession(command, async ({ client, show }) => {
        const run = await client.api.schedules.runNow.mutate({ scheduleId, reason })
        show(run, () => (run.jobId ? `Submitted job ${run.jobId}.` : `Nothing was submitted: ${run.message}`))
      }),
    )
  for (const [name, enabled] of [
    ['enable', true],
    ['disable', false],
  ] as const)
    schedules
      .command(name)
      .argument('<schedule>', 'its id')
      .addOption(reasonOption())
      .description(enabled ? 'switches a schedule on' : 'switches a schedule off')
      .action((scheduleId: string, { reason }: { reason?: string }, command: Command) =>
        withSession(command, async ({ client, show }) => {
          const changed = await client.api.schedules.update.mutate({ scheduleId, changes: { enabled }, reason })
          show(changed, () => `${changed.name} is ${enabled ? `on; it runs next at ${changed.nextRunAt}` : 'off'}.`)
        }),
      )
}
