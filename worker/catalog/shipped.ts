import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Handler } from '@jobyard/handler'

const folder = path.join(import.meta.dirname, '../handlers')
const isHandler = (name: string) => /\.ts$/.test(name) && !/\.(?:test|d)\.ts$/.test(name)

/**
 * The handlers that ship with Jobyard: every file of worker/handlers/. They are light, because each imports what is
 * heavy inside `run`. This file runs where nothing is bundled, as in tests. A build puts a list of imports in its place
 * (launcher/shipped-handlers.mjs).
 */
export const SHIPPED: readonly Handler[] = await Promise.all(
  (await readdir(folder))
    .filter(isHandler)
    .sort()
    .map(async (name) => {
      const { href } = pathToFileURL(path.join(folder, name))
      return ((await import(/* @vite-ignore */ href)) as { default: Handler }).default
    }),
)
