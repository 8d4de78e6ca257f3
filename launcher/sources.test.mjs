import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { entries } from './build.mjs'
import { root } from './paths.mjs'
import { sourceFiles } from './sources.mjs'

const names = () => sourceFiles().map((file) => path.relative(root, file))
const isCode = (/** @type {string} */ file) => /\.[cm]?[jt]sx?$/.test(file)

test(
  'every file that the bundles and the dashboard read counts as a source of the build',
  { timeout: 60_000 },
  async () => {
    const found = new Set(names())
    // The files that Next.js takes by their names, and what these import.
    const dashboard = [...found].filter((file) => isCode(file) && (file.startsWith('app/') || !file.includes('/')))
    const { metafile } = await build({
      absWorkingDir: root,
      entryPoints: [...Object.values(entries), ...dashboard],
      outdir: 'dist',
      bundle: true,
      write: false,
      metafile: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      loader: { '.svg': 'empty', '.ico': 'empty', '.png': 'empty' },
      external: ['*.css'],
      logLevel: 'silent',
    })
    const read = Object.keys(metafile.inputs).filter((file) => !file.startsWith('server/generated/'))
    expect(read.length).toBeGreaterThan(300)
    expect(read.filter((file) => !found.has(file))).toEqual([])
  },
)

test('a build reads settings of its tools, styles and the schema, and neither tests nor notes', () => {
  expect(names()).toEqual(
    expect.arrayContaining([
      'app/globals.css',
      'next.config.mjs',
      'package-lock.json',
      'postcss.config.mjs',
      'prisma/schema.prisma',
      'proxy.ts',
      'tailwind.config.ts',
      'tsconfig.json',
    ]),
  )
  expect(
    names().filter((file) =>
      /\.test\.|\.md$|^(?:README|docs|e2e|scripts|launcher|chaos|testing|bench|vitest)/.test(file),
    ),
  ).toEqual([])
})

test('an artifact or a database in a folder of the clone causes no new build', () => {
  const clone = mkdtempSync(path.join(tmpdir(), 'jobyard-sources-'))
  try {
    for (const folder of ['app', 'storage', 'state/postgres']) mkdirSync(path.join(clone, folder), { recursive: true })
    for (const file of ['app/page.tsx', 'proxy.ts', '.env', 'dump.sql', 'storage/report.ts', 'state/postgres/base.ts'])
      writeFileSync(path.join(clone, file), '')
    expect(sourceFiles(clone).map((file) => path.relative(clone, file))).toEqual(['.env', 'app/page.tsx', 'proxy.ts'])
  } finally {
    rmSync(clone, { recursive: true })
  }
})

test('an .env that is a link counts, and neither examples, fixtures nor links that lead nowhere do', () => {
  const clone = mkdtempSync(path.join(tmpdir(), 'jobyard-sources-'))
  try {
    mkdirSync(path.join(clone, 'server'))
    for (const file of [
      'shared-settings',
      '.env.example',
      'server/jobs.ts',
      'server/jobs.fixture.ts',
      'server/a.test.mjs',
    ])
      writeFileSync(path.join(clone, file), '')
    symlinkSync('shared-settings', path.join(clone, '.env'))
    symlinkSync('nowhere', path.join(clone, '.env.local'))
    expect(sourceFiles(clone).map((file) => path.relative(clone, file))).toEqual(['.env', 'server/jobs.ts'])
  } finally {
    rmSync(clone, { recursive: true })
  }
})
