/** One thing that keeps a process from starting. */
export interface Problem {
  /** What it is about. `npm run doctor` groups by it. */
  about: 'database' | 'pooler' | 'schema' | 'clock' | 'secrets' | 'queue store' | 'storage'
  /** One line: what is wrong, and the way out. */
  message: string
  /** True where waiting may help: a server that is not up yet, a migration that somebody is about to run. */
  mayPass: boolean
}
