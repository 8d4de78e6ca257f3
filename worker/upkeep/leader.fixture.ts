import { Leader } from './leader'

// A process that leads and does nothing else, for tests that freeze it.
const leader = new Leader(process.env.DATABASE_URL ?? '')
process.stdout.write(`${await leader.lead()}\n`)
setInterval(() => undefined, 1_000)
