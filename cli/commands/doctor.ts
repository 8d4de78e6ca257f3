import { Option, type Command } from 'commander'
import { findProblems } from '@/server/deployment/at-start'
import { surroundingsOf } from '../session'
import { findingsOf, inWords, needsOf } from '@/server/deployment/diagnosis'

/** Looks at everything that a process needs before it starts, as `npm run doctor` does. */
export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .addOption(
      new Option('--part <part>', 'only what this part needs')
        .choices(['web', 'worker', 'migrate', 'all'])
        .default('all'),
    )
    .description('looks at database, migrations, clock, secrets, Redis and storage, and says what to do')
    .action(async ({ part }: { part: string }, command: Command) => {
      const surroundings = surroundingsOf(command)
      const needs = needsOf(part, surroundings.env)
      const findings = findingsOf(needs, await findProblems(needs))
      const { json } = command.optsWithGlobals<{ json?: boolean }>()
      surroundings.out(json ? JSON.stringify(findings, null, 2) : inWords(findings))
      if (findings.some(({ state }) => state !== 'good')) surroundings.exitCode = 1
    })
}
