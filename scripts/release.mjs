// `npm run release -- minor`: says what a release would change; with --yes it makes it (CONTRIBUTING.md).
import { release } from '../launcher/release.mjs'
import { root } from '../launcher/paths.mjs'
import { fail } from '../launcher/say.mjs'

const [step] = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
try {
  await release({
    folder: root,
    step,
    yes: process.argv.includes('--yes'),
    day: new Date().toISOString().slice(0, 10),
    say: (line) => void process.stdout.write(`${line}\n`),
  })
} catch (error) {
  fail(error)
}
