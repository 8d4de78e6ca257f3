import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'

let names: readonly string[] | undefined

/**
 * The names of the migrations that this version brings, in order. Read once from `prisma/migrations` of the project's
 * folder.
 */
export function ownMigrations(root = process.cwd()): readonly string[] {
  return (names ??= read(path.join(root, 'prisma/migrations')))
}

const read = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => existsSync(path.join(folder, name, 'migration.sql')))
    .sort()
