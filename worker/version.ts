import { execFile } from 'node:child_process'
import { readFile, realpath } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'

/** The version of Jobyard that a worker was started from. */
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
    commitOf(projectRoot).catch(() => null),
  ])
  return { version, commit }
}

/** Git looks in the folders around, too. A repository there is another one, and its commit says nothing of Jobyard. */
async function commitOf(projectRoot: string): Promise<string | null> {
  const git = async (...args: string[]) =>
    (await promisify(execFile)('git', ['rev-parse', ...args], { cwd: projectRoot, timeout: 2_000 })).stdout.trim()
  if ((await realpath(await git('--show-toplevel'))) !== (await realpath(projectRoot))) return null
  return (await git(`--short=${COMMIT_LENGTH}`, 'HEAD')) || null
}
