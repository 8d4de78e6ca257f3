import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { workerProcess, webProcess } from '../../launcher/children.mjs'
import { freePort } from '../../launcher/ports.mjs'
import { run, until } from '../../launcher/processes.mjs'

/**
 * An installation in parts on a database: migrated and seeded, with one account and a key of the platform. Web processes
 * and workers come from built clones, of whatever version.
 * @param {{ clone: string, databaseUrl: string, folder: string, redisUrl?: string }} given
 */
export async function install({ clone, databaseUrl, folder, redisUrl }) {
  /** @type {NodeJS.ProcessEnv} */
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    NODE_ENV: 'production',
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl ?? '',
    STORAGE_DIR: path.join(folder, 'storage'),
    JOBYARD_STATE_DIR: path.join(folder, 'state'),
    NEXTAUTH_URL: 'http://127.0.0.1',
    NEXTAUTH_SECRET: randomBytes(32).toString('base64'),
    HTTP_REQUEST_SECRET: randomBytes(32).toString('base64'),
    LOG_LEVEL: 'warn',
  }
  /** @param {string} from a clone @param {string[]} args */
  const command = async (from, args) => {
    const { code, output } = await run(process.execPath, args, { cwd: from, env })
    if (code !== 0) throw new Error(`${args.join(' ')} failed: ${output}`)
    return output
  }
  /** @param {string} [from] */
  const migrate = async (from = clone) => {
    await command(from, ['scripts/migrate.mjs'])
    await command(from, ['dist/seed.mjs'])
  }
  await migrate()
  const key = /jy_live_\w+/.exec(await command(clone, ['scripts/admin.mjs', 'root@example.com', '--key']))?.[0] ?? ''
  /** @type {import('../../launcher/supervisor.mjs').Supervisor[]} */
  const processes = []
  /** @param {string} url @param {string} procedure @param {object} input */
  const call = async (url, procedure, input) => {
    const answer = await fetch(`${url}/api/trpc/${procedure}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(input),
    }).then((response) => response.json())
    if (answer.error) throw new Error(answer.error.message)
    return answer.result.data
  }
  return {
    key,
    env,
    call,
    migrate,
    /** A web process, once it is ready. @param {string} [from] the clone that it comes from */
    async web(from = clone) {
      const port = await freePort()
      const url = `http://127.0.0.1:${port}`
      const web = webProcess({
        env,
        port,
        host: '127.0.0.1',
        logFile: path.join(folder, `web-${port}.log`),
        silent: true,
      })
      // `webProcess` names the files of this clone. The process is to run those of the other one.
      web.spec.args = web.spec.args.map((arg) => arg.replace(path.resolve(import.meta.dirname, '../..'), from))
      web.spec.cwd = from
      processes.push(web)
      await web.start()
      const ready = () =>
        fetch(`${url}/api/health/ready`).then(
          (response) => response.ok,
          () => false,
        )
      if (!(await until(ready, 60_000))) throw new Error(`the web process of ${from} does not come up`)
      return { url, process: web }
    },
    /**
     * @param {string} name
     * @param {string} [from] the clone that it comes from
     * @param {string | null} [handlers] the build of one's own handlers
     */
    async worker(name, from = clone, handlers = null) {
      const worker = workerProcess({
        env,
        drainSeconds: 5,
        args: [path.join(from, 'dist/worker.mjs')],
        handlers,
        logFile: path.join(folder, `${name}.log`),
        name,
        silent: true,
      })
      worker.spec.cwd = from
      processes.push(worker)
      await worker.start()
      if (!(await until(() => worker.ready, 60_000))) throw new Error(`${name} does not come up`)
      return worker
    },
    stop: () => Promise.all(processes.map((one) => one.stop())),
  }
}
