import { accessSync, constants } from 'node:fs'
import path from 'node:path'

/**
 * The full path of the first of these programs that is in PATH, or where Homebrew puts programs. Null where there is
 * none.
 * @param {string[]} names
 */
export function onPath(...names) {
  const folders = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/local/bin', '/opt/homebrew/bin']
  for (const name of names) {
    for (const folder of folders.filter(Boolean)) {
      const file = path.join(folder, name)
      try {
        accessSync(file, constants.X_OK)
        return file
      } catch {
        // The program is not in this folder.
      }
    }
  }
  return null
}
