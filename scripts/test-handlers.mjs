// `npm run test:handlers`: the tests in the folder of your own handlers (JOBYARD_HANDLERS), once, or with --watch.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { ensureHandlerDependencies } from '../launcher/handlers-install.mjs'
import { handlersFolder, inRoot, root } from '../launcher/paths.mjs'
import { fail, Refusal } from '../launcher/say.mjs'
import { loadEnvFile } from '../launcher/settings.mjs'

process.chdir(root)
try {
  loadEnvFile()
  const folder = handlersFolder()
  if (!existsSync(folder))
    throw new Refusal(
      `${folder} does not exist: there are no handlers yet. Make one with \`npm run new:handler NAME\`.`,
    )
  if (!existsSync(inRoot('node_modules/vitest')))
    throw new Refusal('The tools for tests are not installed. Run `npm install` in the folder of Jobyard first.')
  await ensureHandlerDependencies(folder)
  const config = inRoot('worker/handler/vitest.config.mjs')
  const given = process.argv.slice(2)
  const how = given.includes('--watch') ? [] : ['run']
  const { status } = spawnSync(
    process.execPath,
    [inRoot('node_modules/vitest/vitest.mjs'), ...how, '--config', config, '--root', folder, ...given],
    { stdio: 'inherit' },
  )
  process.exitCode = status ?? 1
} catch (error) {
  fail(error)
}
