import { rmSync } from 'node:fs'
import { inState, writeAtomically } from './paths.mjs'

/**
 * @typedef {object} Run what tools and newcomers find in run.json
 * @property {string} url
 * @property {string} databaseUrl
 * @property {string | null} redisUrl
 * @property {{ web: number | null, worker: number | null, postgres: number | null }} pids
 * @property {{ email: string, password: string, role: string, organizationId: string | null }[]} accounts
 * @property {{ organizationId: string | null, role: string, key: string }[]} apiKeys
 */

export const runFile = () => inState('run.json')

/** @param {Run} run */
export const writeRunFile = (run) => writeAtomically(runFile(), `${JSON.stringify(run, null, 2)}\n`)

export const removeRunFile = () => rmSync(runFile(), { force: true })
