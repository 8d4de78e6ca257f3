import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Handler } from '@jobyard/handler'
import type { BuiltHandler } from './built'
import { jobTypeOf } from './job-type-of'
import { shapeProblem } from './shape'
import { SHIPPED } from './shipped'

/** What one built file is. */
export type Inspected = { file: string } & ({ handler: BuiltHandler } | { problem: string })

/** Milliseconds. A file that waits for longer at its top level would keep its jobs from starting. */
const LOAD_MS = 5_000

// Run by a build of one's own handlers (launcher/handlers.mjs), in a process of its own, because a handler's file may
// do anything when it is loaded: node inspect.mjs <file for the answer> <folder of the build> <built file…>
const [answerFile = '', folder = '', ...files] = process.argv.slice(2)
const inspected: Inspected[] = []
const answer = () => writeFileSync(answerFile, JSON.stringify(inspected))
// The time of the first file begins here, and that of each other one when the one before it is answered.
answer()
for (const file of files) {
  inspected.push(await inspect(file))
  // After each, so that the one that ends this process is known: it is the first that is missing.
  answer()
}
// A file may have left a timer or a connection that would keep this process alive.
process.exit(0)

async function inspect(file: string): Promise<Inspected> {
  try {
    const { href } = pathToFileURL(path.join(folder, file))
    const exported = (await atMost(LOAD_MS, import(href))) as { default?: Handler }
    const problem = shapeProblem(exported)
    if (problem !== null) return { file, problem }
    const { key, isolated } = exported.default!
    if (SHIPPED.some((handler) => handler.key === key))
      return { file, problem: `has the key "${key}" of a handler that ships with Jobyard: give it another key` }
    return { file, handler: { key, isolated, jobType: jobTypeOf(exported.default!), file } }
  } catch (error) {
    return { file, problem: `does not load: ${errorText(error)}` }
  }
}

function atMost<T>(ms: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    work.then(resolve, reject)
    setTimeout(
      () =>
        reject(
          new Error(`it is still loading after ${ms / 1_000} s; begin work in run(), not when the file is loaded`),
        ),
      ms,
    ).unref()
  })
}

/** What kind of error it is, and the first line of its message. */
function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const [first = ''] = error.message.split('\n')
  return `${error.name === 'Error' ? '' : `${error.name}: `}${first}`
}
