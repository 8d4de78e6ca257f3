// `npm run new:handler NAME`: the file of a handler of your own, and its test (docs/handlers.md).
import { newHandler } from '../launcher/new-handler.mjs'
import { root } from '../launcher/paths.mjs'
import { fail, say } from '../launcher/say.mjs'
import { loadEnvFile } from '../launcher/settings.mjs'

process.chdir(root)
try {
  loadEnvFile()
  for (const file of newHandler(process.argv.slice(2))) say(`made ${file}`)
  const [name] = process.argv.slice(2)
  say('Test it: npm run test:handlers')
  say(
    `Run it:  npm run try -- ${name} '{"name":"Ada"}', while \`npm run dev\` runs in another terminal (stop \`npm start\` first)`,
  )
} catch (error) {
  fail(error)
}
