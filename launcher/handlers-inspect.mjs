import { rmSync, statSync } from 'node:fs'
import path from 'node:path'
import { readJson } from './paths.mjs'
import { run } from './processes.mjs'

/** @typedef {import('../worker/catalog/inspect').Inspected} Inspected */

/** Milliseconds that one file may block the process that loads it. It would block its worker, too. */
const fileMs = 15_000

/**
 * Loads built handlers in a process of their own and tells what each is. One that ends or blocks that process is named,
 * and the others are looked at in another. Each file has this time to itself, however long those before it took.
 * @param {string} inspector the bundled worker/catalog/inspect.ts
 * @param {string} folder
 * @param {string[]} files
 * @returns {Promise<Inspected[]>}
 */
export async function inspect(inspector, folder, files, milliseconds = fileMs) {
  const answer = path.join(folder, '.inspected.json')
  /** @type {Inspected[]} */
  const all = []
  while (all.length < files.length) {
    rmSync(answer, { force: true })
    const left = files.slice(all.length)
    const watch = watchAnswer(answer, milliseconds)
    const { output } = await run(process.execPath, ['--enable-source-maps', inspector, answer, folder, ...left], {
      signal: watch.signal,
      killSignal: 'SIGKILL',
    })
    watch.end()
    all.push(.../** @type {Inspected[]} */ (readJson(answer) ?? []))
    const culprit = files[all.length]
    if (culprit === undefined) break
    const last = output.trim().split('\n').at(-1) ?? ''
    const how = watch.signal.aborted
      ? `takes longer than ${milliseconds / 1_000} s`
      : `ends the process that loads it (${last})`
    all.push({ file: culprit, problem: `does not load: it ${how}; begin work in run(), not when the file is loaded` })
  }
  rmSync(answer, { force: true })
  return all
}

/**
 * Its signal is aborted when the file for the answer was not written for so many milliseconds. The inspector writes it
 * at its start and after each file.
 * @param {string} answer
 * @param {number} milliseconds
 */
function watchAnswer(answer, milliseconds) {
  const controller = new AbortController()
  let written = 0
  let since = performance.now()
  const timer = setInterval(() => {
    const at = statSync(answer, { throwIfNoEntry: false })?.mtimeMs ?? 0
    if (at !== written) since = performance.now()
    else if (performance.now() - since >= milliseconds) controller.abort()
    written = at
  }, 100)
  return { signal: controller.signal, end: () => clearInterval(timer) }
}
