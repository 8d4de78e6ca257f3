import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'

/** What a process was started from. */
export interface Version {
  /** Null where no package.json says it. */
  version: string | null
  /** The first characters of the commit. Null outside of a clone, as in an image without `.git`. */
  commit: string | null
}

const COMMIT_LENGTH = 10

/** Reads the version of the package, and the commit of the clone that it stands in. It never fails. */
export async function versionOf(projectRoot: string): Promise<Version> {
  const [version, commit] = await Promise.all([
    readFile(path.join(projectRoot, 'package.json'), 'utf8')
      .then((text) => (JSON.parse(text) as { version?: string }).version ?? null)
      .catch(() => null),
    promisify(execFile)('git', ['rev-parse', `--short=${COMMIT_LENGTH}`, 'HEAD'], { cwd: projectRoot, timeout: 2_000 })
      .then(({ stdout }) => stdout.trim() || null)
      .catch(() => null),
  ])
  return { version, commit }
}
