import { pino } from 'pino'
import { expect } from 'vitest'
import { createTestDatabase, type TestDatabase } from './database'
import type { Logger } from '@/server/logger'
import { caller, createWorld, setTestEnvironment, type Answer, type World } from './api-world'
import { createServices, type Services } from '@/server/api/services'

// Opens and closes the API for a test file, and reads its answers.

export interface OpenApi {
  database: TestDatabase
  services: Services
  world: World
  api: ReturnType<typeof caller>
  close(): Promise<void>
}

/** The API on a database of its own. `close` removes both. */
export async function openApi({ log = pino({ level: 'silent' }) }: { log?: Logger } = {}): Promise<OpenApi> {
  const database = await createTestDatabase()
  setTestEnvironment(database.url)
  const services = createServices(database.url, log)
  const close = async () => {
    await services.hub().close()
    await services.db.$disconnect()
    await database.drop()
  }
  try {
    return { database, services, world: await createWorld(services.db), api: caller(services), close }
  } catch (error) {
    // Setting up has failed, so the caller never gets `close`.
    await close()
    throw error
  }
}

/** The answer of a call. A refusal fails the test. */
export async function data(answer: Promise<Answer>) {
  const { data, error } = await answer
  expect(error).toBeUndefined()
  return data
}

/** The error of a refusal. Undefined where there was an answer. */
export const refusalOf = async (answer: Promise<Answer>) => (await answer).error?.data

export const reasonOf = async (answer: Promise<Answer>) => (await refusalOf(answer))?.reason

/** The paths of the fields that were refused. */
export const fieldsOf = async (answer: Promise<Answer>) =>
  (await refusalOf(answer))?.fields?.map(({ path }: { path: string }) => path)
