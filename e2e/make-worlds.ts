import type { FullConfig } from '@playwright/test'
import { client, demo, uniqueWord, withKey, type Role, type World } from './world'

const ROLES = ['ADMIN', 'OPERATOR', 'VIEWER'] as const satisfies Role[]
const PASSWORD = 'seven ducks on a pond'
const root = withKey('SYSTEM_ADMIN', null)

/** Makes organizations for each worker of Playwright except the first, which uses those of the demo. */
export default async function makeWorlds({ workers }: FullConfig): Promise<void> {
  const worlds = await Promise.all(Array.from({ length: workers - 1 }, makeWorld))
  process.env.E2E_WORLDS = JSON.stringify(worlds)
}

async function makeWorld(): Promise<World> {
  const [home, foreign] = await Promise.all([makeOrganization('Home'), makeOrganization('Elsewhere')])
  return {
    home: home.id,
    foreign: foreign.id,
    accounts: [...home.accounts, ...foreign.accounts, ...ofThePlatform(demo.accounts)],
    apiKeys: [...home.apiKeys, ...foreign.apiKeys, ...ofThePlatform(demo.apiKeys)],
  }
}

/** Makes an organization with a member and an API key for each role, and with some jobs. */
async function makeOrganization(name: string) {
  const slug = `${name.toLowerCase()}-${uniqueWord()}`
  const { id } = await root.change<{ id: string }>('organizations.create', { name: `${name} ${slug.slice(-4)}`, slug })
  const accounts = await Promise.all(ROLES.map((role) => makeMember(id, role, `${role.toLowerCase()}@${slug}.example`)))
  const apiKeys = await Promise.all(
    ROLES.map(async (role) => {
      // The usual limit of calls is meant for one service, and a key here serves many tests.
      const made = { organizationId: id, name: `Journeys, ${role}`, role, callsPerSecond: 1000 }
      return { organizationId: id, role, key: (await root.change<{ key: string }>('apiKeys.create', made)).key }
    }),
  )
  const jobs = Array.from({ length: 12 }, (_, n) => ({ jobType: 'sample.noop', parameters: { word: slug, n } }))
  await root.change('jobs.submitMany', { organizationId: id, jobs })
  return { id, accounts, apiKeys }
}

async function makeMember(organizationId: string, role: (typeof ROLES)[number], email: string) {
  const name = `${role[0]}${role.slice(1).toLowerCase()} of the journeys`
  const { link } = await root.change<{ link: string }>('members.invite', { organizationId, email, role, name })
  const token = new URL(link).pathname.split('/').at(-1)
  await client({}).change('members.accept', { token, name, password: PASSWORD })
  return { email, password: PASSWORD, role, organizationId }
}

const ofThePlatform = <T extends { organizationId: string | null }>(all: T[]) =>
  all.filter(({ organizationId }) => organizationId === null)
