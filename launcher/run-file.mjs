import { rmSync } from 'node:fs'
import { inState, readJson, writeAtomically } from './paths.mjs'

/**
 * What `npm start` writes into run.json for tools and people: where Jobyard runs, and the demo's passwords and keys. Only the
 * user who started it can read the file.
 *
 * @typedef {object} Run
 * @property {string} url
 * @property {string} databaseUrl
 * @property {string | null} redisUrl null where the queue is on PostgreSQL
 * @property {{ web: number | null, worker: number | null, postgres: number | null }} pids
 * @property {{ email: string, password: string, role: string, organizationId: string | null }[]} accounts those of the demo; empty with a DATABASE_URL
 * @property {{ organizationId: string | null, role: string, key: string }[]} apiKeys
 */

export const runFile = () => inState('run.json')

/** Null where nothing runs. @returns {Run | null} */
export const readRunFile = () => readJson(runFile())

/** @param {Run} run */
export const writeRunFile = (run) => writeAtomically(runFile(), `${JSON.stringify(run, null, 2)}\n`)

export const removeRunFile = () => rmSync(runFile(), { force: true })
