// `npm run try -- NAME '{json}'`: runs one job in the Jobyard that runs here, or at JOBYARD_URL with JOBYARD_API_KEY,
// and prints its log, its progress and its result. It ends with 0 where the job was completed, otherwise with 1.
import { root } from '../launcher/paths.mjs'
import { fail } from '../launcher/say.mjs'
import { loadEnvFile } from '../launcher/settings.mjs'
import { tryJob } from '../launcher/try.mjs'

process.chdir(root)
try {
  loadEnvFile()
  process.exitCode = (await tryJob(process.argv.slice(2))) ? 0 : 1
} catch (error) {
  fail(error)
}
