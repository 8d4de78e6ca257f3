// Builds `client/dist`, the content of the package. It is one ES module without dependencies, and its types. Types from
// the server's router are written out in full. `npm pack` runs this.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import ts from 'typescript'
import { writeOut } from './write-out.mjs'

const client = fileURLToPath(new URL('..', import.meta.url))
const dist = path.join(client, 'dist')
rmSync(dist, { recursive: true, force: true })
mkdirSync(dist)

await build({
  absWorkingDir: client,
  entryPoints: ['index.ts'],
  outdir: dist,
  bundle: true,
  format: 'esm',
  platform: 'neutral',
  target: 'es2022',
  logLevel: 'warning',
})
// `router.d.ts` below has only types, but an import of them needs a module.
writeFileSync(path.join(dist, 'router.js'), 'export {}\n')

const { config } = ts.readConfigFile(path.join(client, '../tsconfig.json'), ts.sys.readFile)
const { options } = ts.parseJsonConfigFileContent(
  { ...config, include: [], files: ['client/index.ts'] },
  ts.sys,
  path.join(client, '..'),
)
const program = ts.createProgram({
  rootNames: [path.join(client, 'index.ts')],
  options: {
    ...options,
    noEmit: false,
    incremental: false,
    declaration: true,
    emitDeclarationOnly: true,
    outDir: dist,
    rootDir: path.join(client, '..'),
  },
})
/**
 * Writes only the types of files in `client/`. Imports get the ending that every consumer's resolution understands.
 */
const emitted = program.emit(undefined, (file, text) => {
  if (path.dirname(file) !== path.join(dist, 'client') || path.basename(file) === 'api.d.ts') return
  writeFileSync(path.join(dist, path.basename(file)), text.replaceAll(/(from |import\()'(\.\/[\w-]+)'/g, "$1'$2.js'"))
})
const problems = [
  ...ts.getPreEmitDiagnostics(program, program.getSourceFile(path.join(client, 'index.ts'))),
  ...emitted.diagnostics,
]
if (problems.length > 0) throw new Error(ts.formatDiagnostics(problems, ts.createCompilerHost(options)))

const { api, router } = writeOut(program, path.join(client, 'api.ts'))
writeFileSync(path.join(dist, 'api.d.ts'), api)
writeFileSync(path.join(dist, 'router.d.ts'), router)
