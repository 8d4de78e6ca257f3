import { execFile } from 'node:child_process'
import path from 'node:path'
import { run } from './run'

// Runs commands of the command line, for its tests.

export interface Ended {
  code: number
  out: string
  err: string
  /** The answer of a command with --json. */
  json(): any // eslint-disable-line @typescript-eslint/no-explicit-any -- a test reads what a script would
}

/** Runs a command as the built command line does, with nothing in its environment but what is given. */
export async function jobyard(env: Record<string, string>, ...args: string[]): Promise<Ended> {
  let [out, err] = ['', '']
  const code = await run(args, {
    env: env as unknown as NodeJS.ProcessEnv,
    out: (text) => void (out += `${text}\n`),
    err: (text) => void (err += `${text}\n`),
  })
  return { code, out, err, json: () => JSON.parse(out) as unknown }
}

/**
 * The same with the built program, in a process of its own.
 *
 * @param before a command of the shell that runs first, such as a limit
 */
export function builtJobyard(env: Record<string, string>, args: string[], before = ':'): Promise<Omit<Ended, 'json'>> {
  const file = path.join(process.env.TEST_DIST_DIR!, 'jobyard.mjs')
  return new Promise((resolve) => {
    execFile(
      '/bin/sh',
      ['-c', `${before} && exec "$0" "$@"`, process.execPath, file, ...args],
      { env: { PATH: process.env.PATH, NODE_ENV: 'production', ...env } },
      (error, out, err) => resolve({ code: error ? Number(error.code) : 0, out, err }),
    )
  })
}
