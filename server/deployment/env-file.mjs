import { existsSync } from 'node:fs'
import path from 'node:path'

/**
 * Takes variables from `.env.local` and `.env` of a folder, as Next.js does. Variables that the environment has already
 * are not changed. Every process of Jobyard calls this before it reads its settings.
 * @param {string} [folder] the folder of Jobyard; left out: the one that the process runs in
 */
export function loadEnvFile(folder = process.cwd()) {
  for (const name of ['.env.local', '.env']) {
    const file = path.join(folder, name)
    if (existsSync(file)) process.loadEnvFile(file)
  }
}
