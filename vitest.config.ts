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

/** The files that take longest, by the clock: 40 to 80 s each. A run would end late if one of them began late. */
const LONGEST = ['worker/processes.db', 'worker/outages', 'worker/own-handlers', 'worker/outside']

/**
 * The order of the files. Files with worker processes wait more than they work, and all others work more than they
 * wait. So they alternate: one of the first kind, then two of the second. What is left of the second kind, which has more
 * files, comes last. Of the first kind, the files that take longest come first.
 */
class WaitingBesideWorking extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const placeOf = ({ moduleId }: TestSpecification) => LONGEST.findIndex((name) => moduleId.includes(`/${name}`))
    const rankOf = (file: TestSpecification) => (placeOf(file) < 0 ? LONGEST.length : placeOf(file))
    const sorted = await super.sort(files)
    const waiting = sorted.filter(({ moduleId }) => /\/worker\/.+\.db\.test\.ts$/.test(moduleId))
    const working = sorted.filter((file) => !waiting.includes(file))
    waiting.sort((a, b) => rankOf(a) - rankOf(b))
    const mixed: TestSpecification[] = []
    while (waiting.length + working.length > 0) mixed.push(...waiting.splice(0, 1), ...working.splice(0, 2))
    return mixed
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: WaitingBesideWorking },
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          include: ['**/*.test.{ts,tsx,mjs}'],
          exclude: [...ignored, '**/*.db.test.ts', '**/*.process.test.mjs', '**/*.long.test.mjs'],
          // Vitest by itself leaves one processor free, so that two processors would be used like one.
          maxWorkers: availableParallelism(),
          // One after the other in the same thread: loading the same modules for each file took half of the processor
          // time. So a test puts back what it changes of the clock and the environment.
          isolate: false,
          testTimeout: 60_000,
          expect: patience,
          hookTimeout: 60_000,
        },
      },
      {
        ...shared,
        test: {
          name: 'db',
          include: ['**/*.db.test.ts'],
          // Those take too long for `npm test`: `npm run test:long` runs them, and whoever names files (testing/suites.mjs).
          exclude: process.env.LONG_FILES ? ignored : [...ignored, '**/*.long.db.test.ts'],
          // Real services and real processes; each file has a database of its own, and nothing else that it could
          // share.
          pool: 'forks',
          // On two processors: about two files that wait, beside two that work.
          maxWorkers: 4,
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
          exclude: process.env.LONG_FILES ? ignored : [...ignored, '**/*.long.process.test.mjs'],
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
