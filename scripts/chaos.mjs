// `npm run test:chaos [-- --jobs 10000 --seed N --backend redis|postgres|both --seconds N --clone FOLDER]`: a cluster
// under faults, and then an audit. `--short` is what `npm test` runs.
import { runChaos } from '../chaos/command.mjs'

await runChaos(process.argv.slice(2))
