import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { KeyRole } from '@/server/generated/prisma/enums'
import {
  ACCESS,
  atLeast,
  roleMayDo,
  requirePermission,
  requireSystemAdmin,
  ROLES,
  type Action,
  type PlatformAction,
} from './access'
import { accessMarkdown } from './access-document'

const actions = Object.keys(ACCESS) as Action[]
const ofPlatform = actions.filter((action) => ACCESS[action].ADMIN === 'none') as PlatformAction[]

describe('the access table', () => {
  it('a higher role may do everything that a lower one may', () => {
    const reach = { none: 0, own: 1, any: 2 }
    for (const action of actions) {
      const reaches = ROLES.map((role) => reach[ACCESS[action][role]])
      expect(reaches, action).toEqual([...reaches].sort())
    }
  })

  it('a system admin may do everything, and somebody without a role nothing', () => {
    for (const action of actions) expect(roleMayDo('SYSTEM_ADMIN', action), action).toBe(true)
    for (const action of actions) expect(roleMayDo(null, action, true), action).toBe(false)
  })

  it('the access table knows every role of the database', () => {
    expect(ROLES).toEqual(Object.values(KeyRole))
  })

  it('an OPERATOR may cancel its own jobs only', () => {
    expect(roleMayDo('OPERATOR', 'jobs.cancel', true)).toBe(true)
    expect(roleMayDo('OPERATOR', 'jobs.cancel')).toBe(false)
    expect(roleMayDo('VIEWER', 'jobs.cancel', true)).toBe(false)
  })

  it('a refusal says which role is needed', () => {
    expect(() => requirePermission('VIEWER', 'jobs.submit')).toThrow(/needs OPERATOR/)
    expect(() => requirePermission('OPERATOR', 'jobs.retry')).toThrow(/needs ADMIN/)
  })

  it('actions of the platform are for system admins only', () => {
    expect(ofPlatform.length).toBeGreaterThan(0)
    for (const action of ofPlatform) {
      expect(() => requireSystemAdmin({ systemAdmin: true }, action)).not.toThrow()
      expect(() => requireSystemAdmin({ systemAdmin: false }, action)).toThrow(/needs SYSTEM_ADMIN/)
    }
  })

  it('roles are ordered from the least to the greatest', () => {
    expect(atLeast('ADMIN', 'OPERATOR')).toBe(true)
    expect(atLeast('VIEWER', 'OPERATOR')).toBe(false)
  })
})

describe('docs/access.md', () => {
  const file = new URL('../../docs/access.md', import.meta.url)

  it('docs/access.md is what the table gives (UPDATE_DOCS=1 writes it)', () => {
    if (process.env.UPDATE_DOCS) writeFileSync(file, accessMarkdown())
    expect(readFileSync(file, 'utf8')).toBe(accessMarkdown())
  })

  it('docs/access.md has a row for every action', () => {
    const rows = [...accessMarkdown().matchAll(/^\| `([\w.]+)` \|/gm)].map((match) => match[1])
    expect(rows.sort()).toEqual([...actions].sort())
  })
})
