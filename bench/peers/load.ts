import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

// Of each engine, only what the bench calls. The packages are installed for the bench alone (install.mjs), so their own
// types are not there when the project is checked.

export interface GraphileWorker {
  run(options: {
    connectionString: string
    concurrency: number
    maxPoolSize: number
    noHandleSignals: boolean
    logger: unknown
    taskList: Record<string, () => Promise<void>>
    preset?: {
      worker: { localQueue: { size: number }; completeJobBatchDelay: number; failJobBatchDelay: number }
    }
  }): Promise<{ stop(): Promise<void> }>
  runMigrations(options: { connectionString: string; logger: unknown }): Promise<void>
  Logger: new (factory: () => () => void) => unknown
}

export interface PgBossPackage {
  PgBoss: new (options: { connectionString: string; max: number; supervise: boolean; schedule: boolean }) => {
    on(event: 'error', listener: () => void): void
    start(): Promise<unknown>
    stop(options: { graceful: boolean }): Promise<void>
    createQueue(name: string): Promise<void>
    deleteAllJobs(name: string): Promise<void>
    insert(name: string, jobs: { data: object }[]): Promise<unknown>
    work(
      name: string,
      options: { batchSize: number; pollingIntervalSeconds: number },
      handler: (jobs: { id: string }[]) => Promise<void>,
    ): Promise<string>
    fetch(name: string, options: { batchSize: number }): Promise<{ id: string }[]>
    complete(name: string, ids: string[]): Promise<unknown>
  }
}

/** Loads a package from the folder that install.mjs made. */
export async function loadPeer<T>(folder: string, name: string): Promise<T> {
  const file = createRequire(path.join(folder, 'package.json')).resolve(name)
  return (await import(pathToFileURL(file).href)) as T
}
