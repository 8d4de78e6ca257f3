// `npm run dev`: the same databases as `npm start`, with code that reloads.
import '../server/private-files.mjs'
import { runCommand } from '../launcher/command.mjs'
import { develop } from '../launcher/develop.mjs'

await runCommand(develop)
