import { expect } from './test'
import { uniqueWord, withKey } from './world'

const root = withKey('SYSTEM_ADMIN', null)

/**
 * Makes an organization for one test, in which nothing else fails. System admins see it and act in it as its admins do.
 */
export async function freshOrganization(): Promise<string> {
  const word = uniqueWord()
  const { data, error } = await root.mutate<{ id: string }>('organizations.create', { name: word, slug: word })
  expect(error).toBeUndefined()
  return data.id
}

/**
 * Makes failures with three causes. Ten jobs of one type die of two causes, which opens the circuit of the type. Three
 * jobs of another type die of a third cause. Seven of the ten complete when they are retried. Six of these seven belong
 * to the customer Hooli.
 */
export async function incident() {
  const organizationId = await freshOrganization()
  const word = uniqueWord()
  const submit = (job: object) => root.submit({ maxRetries: 0, ...job }, organizationId)
  const work = (parameters: object) => submit({ jobType: 'sample.work', parameters })
  const mendable: string[] = []
  for (let n = 0; n < 7; n++)
    mendable.push((await work({ failAttempts: 1, data: { customer: n < 6 ? 'Hooli' : 'Initech', word, n } })).id)
  for (let n = 0; n < 3; n++) await work({ mode: 'permanent', data: { customer: 'Initech', word, n } })
  for (let n = 0; n < 3; n++)
    await submit({ jobType: 'http.request', parameters: { url: `http://shop-${n}.example.invalid/${word}` } })
  await expect
    .poll(async () => (await root.query<{ dead: number }>('deadLetters.figures', { organizationId })).data.dead, {
      timeout: 30_000,
    })
    .toBe(13)
  await expect
    .poll(async () => {
      const open = await root.query<{ items: object[] }>('circuits.list', { organizationId, state: ['OPEN'] })
      return open.data.items.length
    })
    .toBe(1)
  return {
    organizationId,
    mendable,
    closeCircuit: () => root.mutate('circuits.close', { organizationId, jobType: 'sample.work' }),
  }
}
