import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { npm } from './npm.mjs'
import { inRoot, sha256 } from './paths.mjs'
import { run } from './processes.mjs'
import { Refusal, step, tail } from './say.mjs'

/** The stamp lies inside node_modules, so that it is removed together with it. */
const stamp = inRoot('node_modules/.jobyard-installed')
const generated = inRoot('server/generated/prisma/client.ts')
const schemaStamp = inRoot('server/generated/.schema')

/**
 * Installs the dependencies when node_modules does not fit package-lock.json, package.json or this machine, and
 * generates Prisma's client when it does not fit the schema or the version of Prisma.
 */
export async function ensureDependencies() {
  const { dependencies } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8'))
  const schema = sha256([dependencies.prisma, readFileSync(inRoot('prisma/schema.prisma'), 'utf8')].join('\n'))
  if (read(stamp) !== wantedStamp()) {
    const startedAt = Date.now()
    await step('Installing dependencies (a few minutes the first time)', async () => {
      // `npm ci` is not used, because some registries and mirrors do not have every optional package of every platform.
      // `npm install` goes on without those.
      await npmHere(['install', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'])
      writeFileSync(stamp, wantedStamp()) // The stamp is written afterwards, because npm may have completed the lock file.
    })
    // npm has generated the client by its install script, unless install scripts are switched off.
    if (existsSync(generated) && statSync(generated).mtimeMs >= startedAt) writeFileSync(schemaStamp, schema)
  }
  // Where only the schema has changed, nothing has to be installed.
  if (!existsSync(generated) || read(schemaStamp) !== schema) {
    await step('Generating the database client', async () => {
      const { code, output } = await run(process.execPath, [inRoot('node_modules/prisma/build/index.js'), 'generate'], {
        cwd: inRoot(),
        env: { ...process.env, NODE_ENV: undefined, PRISMA_HIDE_UPDATE_MESSAGE: '1' },
      })
      if (code !== 0) throw new Refusal('`prisma generate` failed; see above.', tail(output))
      writeFileSync(schemaStamp, schema)
    })
  }
}

function wantedStamp() {
  const files = ['package-lock.json', 'package.json'].map((name) => readFileSync(inRoot(name), 'utf8'))
  return sha256([...files, process.platform, process.arch].join('\n'))
}

/** @param {string[]} args */
async function npmHere(args) {
  const { code, output } = await npm(args, inRoot())
  if (code !== 0)
    throw new Refusal(`\`npm ${args[0]}\` failed; see above. Is the npm registry reachable?`, tail(output))
}

/** @param {string} file */
function read(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}
