import { jobType } from '@/server/engine/domain/job-type-config'
import { openApi } from './api'
import { createJobTypes } from './job-types'

// The parts of a job with secrets among its parameters.

export const PASSWORD = 'correct-horse/battery "staple"'
export const TOKENS = ['tok_11aa22bb', 'tok_33cc44dd']
export const PIN = 48_151_623

export const parameters = { account: 'ada@example.com', login: { password: PASSWORD }, tokens: TOKENS, pin: PIN }
/** Texts that must not appear in anything that somebody reads. */
export const SECRETS = [
  PASSWORD,
  JSON.stringify(PASSWORD).slice(1, -1),
  encodeURIComponent(PASSWORD),
  ...TOKENS,
  String(PIN),
]

const secret = { 'x-sensitive': true }
const SECRET_TYPE = jobType({
  name: 'test.secret',
  displayName: 'Secret',
  description: '',
  handler: 'sample.noop',
  parameterSchema: {
    type: 'object',
    properties: {
      account: { type: 'string' },
      login: { $ref: '#/$defs/login' },
      tokens: { type: 'array', items: { oneOf: [{ type: 'string', ...secret }, { type: 'null' }] } },
      pin: { type: 'integer', ...secret },
    },
    $defs: { login: { type: 'object', properties: { password: { type: 'string', ...secret } } } },
  },
})

/** Opens the API with a job type that has secret parameters, and a function that submits a job of it. */
export async function openSecretJobs() {
  const opened = await openApi()
  const { api, services, world } = opened
  await createJobTypes(services.db, [SECRET_TYPE])
  const as = (name: string) => ({ key: world.keys[name]! })
  const submit = (given: object = parameters, more: object = {}) => {
    const input = { organizationId: world.acme, jobType: SECRET_TYPE.name, parameters: given, dedupe: false, ...more }
    return api.mutate('jobs.submit', input, as('acme.OPERATOR'))
  }
  return { ...opened, as, submit }
}
