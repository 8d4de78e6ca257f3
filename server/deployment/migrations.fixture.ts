import { mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { inRoot } from '@/launcher/paths.mjs'

/** A folder with the product's migrations and one more, which comes last. Whoever asks for it removes it. */
export function migrationsAnd(name: string, sql: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'jobyard-migrations-'))
  for (const own of readdirSync(inRoot('prisma/migrations')))
    symlinkSync(inRoot('prisma/migrations', own), path.join(folder, own))
  mkdirSync(path.join(folder, name))
  writeFileSync(path.join(folder, name, 'migration.sql'), sql)
  return folder
}
