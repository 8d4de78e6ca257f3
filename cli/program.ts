import { Command } from 'commander'
import { addAccessCommands } from './commands/access'
import { addControlCommands } from './commands/control'
import { addDoctor } from './commands/doctor'
import { addJobCommands } from './commands/jobs'
import { addOrganizationCommands, addScheduleCommands } from './commands/organizations'
import { addTop } from './commands/top'
import { addWorkerCommands } from './commands/workers'
import { setSurroundings, type Surroundings } from './session'

/**
 * All commands of the command line.
 *
 * @param options.quiet true: what is wrong with options and arguments is thrown and not printed
 */
export function createProgram(surroundings: Surroundings, { quiet = false } = {}): Command {
  const program = new Command('jobyard')
    .description('Administers Jobyard from a terminal.')
    .option('--json', 'answers as JSON, for scripts')
    .option('--url <address>', 'the address of Jobyard (default: JOBYARD_URL)')
    .option('--database', 'works on the database of DATABASE_URL, also while the web is down')
    .showHelpAfterError('Add --help to see what it takes.')
    .addHelpText(
      'after',
      '\nIt calls the API with the key in JOBYARD_API_KEY, at the address of --url or JOBYARD_URL. Where neither these\nnor DATABASE_URL are set, it is the `npm start` that runs in this folder. On the database of DATABASE_URL it works where\nno address and no key is set, or with --database, with the rights of a system admin.',
    )
  setSurroundings(program, surroundings)
  const withoutEnd = (text: string) => text.replace(/\n$/, '')
  // Commands that are made from now on take these over.
  program.exitOverride().configureOutput({
    writeOut: (text) => surroundings.out(withoutEnd(text)),
    writeErr: (text) => {
      if (!quiet) surroundings.err(withoutEnd(text))
    },
  })
  addJobCommands(program)
  addControlCommands(program)
  addWorkerCommands(program)
  addTop(program)
  addOrganizationCommands(program)
  addScheduleCommands(program)
  addAccessCommands(program)
  addDoctor(program)
  return program
}
