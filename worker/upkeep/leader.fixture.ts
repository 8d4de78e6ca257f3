import { Leader } from './leader'

// Tests start this process to freeze it: it leads, and does nothing else.
const leader = new Leader(process.env.DATABASE_URL ?? '')
process.stdout.write(`${await leader.lead()}\n`)
setInterval(() => undefined, 1_000)
