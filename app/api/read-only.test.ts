import { expect, it } from 'vitest'
import * as artifact from './artifacts/[jobId]/[name]/route'
import * as live from './health/live/route'
import * as ready from './health/ready/route'
import * as document from './openapi.json/route'

it.each(Object.entries({ artifact, live, ready, document }))(
  'the route %s refuses methods that do not read, and names those that it takes',
  async (_, route) => {
    for (const method of ['DELETE', 'OPTIONS', 'PATCH', 'POST', 'PUT'] as const) {
      const response = await (route as unknown as Record<string, (request: Request) => Response | Promise<Response>>)[
        method
      ]!(new Request('http://localhost/', { method }))
      expect([response.status, response.headers.get('allow')], method).toEqual([405, 'GET, HEAD'])
      expect(await response.json(), method).toMatchObject({
        error: { data: { code: 'METHOD_NOT_SUPPORTED', httpStatus: 405, reason: 'METHOD_NOT_SUPPORTED' } },
      })
    }
  },
)
