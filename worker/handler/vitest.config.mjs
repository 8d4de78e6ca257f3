import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const here = (/** @type {string} */ file) => fileURLToPath(new URL(file, import.meta.url))

// For the tests of somebody's own handlers, wherever their folder is (scripts/test-handlers.mjs).
export default defineConfig({
  resolve: {
    alias: [
      { find: /^@jobyard\/handler\/testing$/, replacement: here('./testing.ts') },
      { find: /^@jobyard\/handler$/, replacement: here('./index.ts') },
      { find: /^@\//, replacement: here('../../') },
    ],
  },
  test: {
    include: ['**/*.{test,spec}.{ts,mts,js,mjs}'],
    testTimeout: 30_000,
  },
})
