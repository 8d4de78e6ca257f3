import { existsSync, readdirSync, statSync } from 'node:fs'
import { run } from '../../launcher/processes.mjs'
import { Refusal, tail } from '../../launcher/say.mjs'

// The folder that the image is made of.

/**
 * Refuses what is no empty folder. It need not exist.
 * @param {string} folder
 */
export function requireEmpty(folder) {
  if (!existsSync(folder)) return
  if (!statSync(folder).isDirectory()) throw new Refusal(`${folder} is a file. Name a folder.`)
  if (readdirSync(folder).length > 0)
    throw new Refusal(`${folder} is not empty. Name a folder that is, or that does not exist yet.`)
}

/**
 * In production another user runs these files. That user must be able to read them, and nobody but the owner to change
 * them. They hold no secrets.
 * @param {string} folder
 */
export async function letEverybodyRead(folder) {
  const { code, output } = await run('chmod', ['-R', 'a+rX,go-w', folder])
  if (code !== 0) throw new Refusal(`The rights of ${folder} could not be set; see above.`, tail(output))
}
