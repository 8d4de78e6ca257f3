import { describe, expect, it } from 'vitest'
import { ACCESS, atLeast, permits, PLATFORM_ACTIONS, requirePermission, requireSystemAdmin } from './access'

describe('the access table', () => {
  it('never takes away from a higher role what a lower one has', () => {
    const reach = { none: 0, own: 1, any: 2 }
    for (const [action, { VIEWER, OPERATOR, ADMIN }] of Object.entries(ACCESS)) {
      expect(reach[VIEWER] <= reach[OPERATOR] && reach[OPERATOR] <= reach[ADMIN], action).toBe(true)
    }
  })

  it('lets an operator cancel its own jobs only', () => {
    expect(permits('OPERATOR', 'jobs.cancel', true)).toBe(true)
    expect(permits('OPERATOR', 'jobs.cancel')).toBe(false)
    expect(permits('VIEWER', 'jobs.cancel', true)).toBe(false)
  })

  it('says which role would do', () => {
    expect(() => requirePermission('VIEWER', 'jobs.submit')).toThrow(/needs OPERATOR/)
    expect(() => requirePermission('OPERATOR', 'jobs.retry')).toThrow(/needs ADMIN/)
  })

  it('leaves the platform to system admins', () => {
    for (const action of PLATFORM_ACTIONS) {
      expect(() => requireSystemAdmin({ systemAdmin: true }, action)).not.toThrow()
      expect(() => requireSystemAdmin({ systemAdmin: false }, action)).toThrow(/needs SYSTEM_ADMIN/)
    }
  })

  it('orders the roles', () => {
    expect(atLeast('ADMIN', 'OPERATOR')).toBe(true)
    expect(atLeast('VIEWER', 'OPERATOR')).toBe(false)
  })
})
