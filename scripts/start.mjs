// `npm start`: from a fresh clone to a running Jobyard.
import '../server/private-files.mjs'
import { runCommand } from '../launcher/command.mjs'
import { start } from '../launcher/start.mjs'

await runCommand(start)
