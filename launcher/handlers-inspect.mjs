import { rmSync } from 'node:fs'
import path from 'node:path'
import { readJson } from './paths.mjs'
import { run } from './processes.mjs'

/** @typedef {import('../worker/catalog/inspect').Inspected} Inspected */

/** Milliseconds. A file that blocks for so long when it is loaded would block its worker, too. */
const inspectMs = 15_000

/**
 * Loads built handlers in a process of their own and tells what each is. One that ends or blocks that process is named,
 * and the others are looked at in another.
 * @param {string} inspector the bundled worker/catalog/inspect.ts
 * @param {string} folder
 * @param {string[]} files
 * @returns {Promise<Inspected[]>}
 */
export async function inspect(inspector, folder, files) {
  const answer = path.join(folder, '.inspected.json')
  /** @type {Inspected[]} */
  const all = []
  while (all.length < files.length) {
    rmSync(answer, { force: true })
    const from = performance.now()
    const left = files.slice(all.length)
    const { output } = await run(process.execPath, ['--enable-source-maps', inspector, answer, folder, ...left], {
      timeout: inspectMs,
      killSignal: 'SIGKILL',
    })
    all.push(.../** @type {Inspected[]} */ (readJson(answer) ?? []))
    const culprit = files[all.length]
    if (culprit === undefined) break
    const blocked = performance.now() - from >= inspectMs
    const last = output.trim().split('\n').at(-1) ?? ''
    const how = blocked ? `takes longer than ${inspectMs / 1_000} s` : `ends the process that loads it (${last})`
    all.push({ file: culprit, problem: `does not load: it ${how}; begin work in run(), not when the file is loaded` })
  }
  rmSync(answer, { force: true })
  return all
}
