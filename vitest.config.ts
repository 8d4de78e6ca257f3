import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const ignored = ['**/node_modules/**', '**/.next/**', '**/.local/**', '**/dist/**', 'e2e/**', 'handlers/**']
/** How long a test waits for what it polls: long on a machine that others use, too. */
const patience = { poll: { timeout: 10_000 } }
const shared = {
  resolve: {
    alias: {
      '@jobyard/handler/testing': fileURLToPath(new URL('worker/handler/testing.ts', import.meta.url)),
      '@jobyard/handler': fileURLToPath(new URL('worker/handler/index.ts', import.meta.url)),
      '@': fileURLToPath(new URL('.', import.meta.url)).replace(/\/$/, ''),
    },
  },
}

/**
 * Files with worker processes first: they wait more than they work, so that the others have the processor meanwhile.
 */
class WorkersFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const late = ({ moduleId }: TestSpecification) => Number(!/\/worker\/.+\.db\.test\.ts$/.test(moduleId))
    return (await super.sort(files)).sort((a, b) => late(a) - late(b))
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: WorkersFirst },
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          include: ['**/*.test.{ts,tsx,mjs}'],
          exclude: [...ignored, '**/*.db.test.ts', '**/*.process.test.mjs', '**/*.long.test.mjs'],
          // Vitest by itself leaves one processor free, so that two processors would be used like one.
          maxWorkers: availableParallelism(),
          testTimeout: 60_000,
          expect: patience,
        },
      },
      {
        ...shared,
        test: {
          name: 'db',
          include: ['**/*.db.test.ts'],
          // Those take too long for `npm test`: `npm run test:long` runs them.
          exclude: process.env.LONG ? ignored : [...ignored, '**/*.long.db.test.ts'],
          // Real services and real processes; each file has a database of its own, and nothing else that it could
          // share.
          pool: 'forks',
          maxWorkers: 3,
          // A process serves one file after the other: loading and warming up the same modules for each took a third of
          // the time.
          isolate: false,
          // A long campaign has some twenty times as many rounds.
          testTimeout: process.env.LONG ? 1_200_000 : 60_000,
          expect: patience,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          // The product's commands, run in a copy of the clone (testing/suites.mjs).
          name: 'processes',
          include: ['**/*.process.test.mjs'],
          exclude: ignored,
          maxWorkers: 1,
          testTimeout: 300_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          // A whole deployment, on servers that tests may stop, lose and replace (testing/suites.mjs).
          name: 'deployment',
          include: ['**/*.long.test.mjs'],
          exclude: ignored,
          maxWorkers: 1,
          testTimeout: 900_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
})
