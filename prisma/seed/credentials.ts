import { randomBytes, randomInt } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** The demo's passwords by email address, and its keys by their name. Only their hashes go to the database. */
export interface Credentials {
  passwords: Record<string, string>
  keys: Record<string, string>
}

// Letters and digits without 0 O 1 l I, because people read a password in one window and type it into another.
const READABLE = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'

const text = (alphabet: string, length: number) =>
  Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join('')

export const newPassword = () => text(READABLE, 14)

/** Reads the file. An absent file gives no credentials. Throws an error of one line when it is damaged. */
export async function readCredentials(path: string): Promise<Credentials> {
  let content: string
  try {
    content = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { passwords: {}, keys: {} }
    throw error
  }
  try {
    const { passwords, keys } = JSON.parse(content) as Credentials
    if (typeof passwords === 'object' && typeof keys === 'object') return { passwords, keys }
  } catch {
    // The error below says what is wrong.
  }
  throw new Error(`${path} is damaged: delete it, and the demo gets new passwords and keys`)
}

/** Replaces the file in one step. Only its owner can read it. */
export async function writeCredentials(path: string, credentials: Credentials): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`
  await writeFile(draft, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600 })
  await rename(draft, path)
}
