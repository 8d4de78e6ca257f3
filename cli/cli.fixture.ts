import { execFile, type ExecFileException } from 'node:child_process'
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

/**
 * Runs a command inside the test's own process, by the function that the program calls. The command sees only the given
 * environment.
 */
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
 * Runs the built program in a process of its own. It sees the given environment, PATH and NODE_ENV.
 *
 * @param before a shell command that runs first, such as `ulimit -f 8`
 * @returns the exit code, or -1 where the program did not end by itself, such as by a signal
 */
export function builtJobyard(env: Record<string, string>, args: string[], before = ':'): Promise<Omit<Ended, 'json'>> {
  const file = path.join(process.env.TEST_DIST_DIR!, 'jobyard.mjs')
  return new Promise((resolve) => {
    execFile(
      '/bin/sh',
      ['-c', `${before} && exec "$0" "$@"`, process.execPath, file, ...args],
      { env: { PATH: process.env.PATH, NODE_ENV: 'production', ...env } },
      (error, out, err) => resolve({ code: error ? codeOf(error) : 0, out, err }),
    )
  })
}

/** A program that a signal ended has null as its code. One that wrote more than `execFile` takes has a text. */
const codeOf = ({ code }: ExecFileException) => (typeof code === 'number' ? code : -1)
