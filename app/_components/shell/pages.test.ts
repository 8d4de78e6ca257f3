import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { House } from 'lucide-react'
import { expect, test } from 'vitest'
import { isWithin, PAGES, pagesFor, type PageLink } from './pages'

const viewer = { userId: 'u', role: 'VIEWER', systemAdmin: false } as const
const some: PageLink[] = [
  { path: '/jobs', label: 'Jobs', group: 'Work', icon: House, needs: 'jobs.read' },
  { path: '/audit', label: 'Audit', group: 'Organization', icon: House, needs: 'audit.read' },
  { path: '/platform', label: 'Platform', group: 'Platform', icon: House, needs: 'organizations.read' },
]
const paths = (who: Parameters<typeof pagesFor>[0]) =>
  pagesFor(who, some).flatMap(({ pages }) => pages.map((p) => p.path))

test('the navigation shows each role the pages that the access table opens to it', () => {
  expect(paths(viewer)).toEqual(['/jobs'])
  expect(paths({ ...viewer, role: 'OPERATOR' })).toEqual(['/jobs'])
  expect(paths({ ...viewer, role: 'ADMIN' })).toEqual(['/jobs', '/audit'])
  expect(paths({ ...viewer, role: null, systemAdmin: true })).toEqual(['/jobs', '/audit', '/platform'])
})

test('a group without any page for this person has no heading', () => {
  expect(pagesFor(viewer, some).map(({ group }) => group)).toEqual(['Work'])
})

test('the navigation shows what everybody may see until it is known who looks', () => {
  expect(paths({ userId: null, role: null, systemAdmin: false })).toEqual(['/jobs'])
})

test('a page is current for addresses below it, but not for addresses that only begin alike', () => {
  expect(isWithin('/jobs/1', { path: '/jobs' })).toBe(true)
  expect(isWithin('/job-types', { path: '/jobs' })).toBe(false)
  expect(isWithin('/jobs-old', { path: '/jobs' })).toBe(false)
  expect(isWithin('/jobs', { path: '/' })).toBe(false)
})

test('every page of the navigation exists', () => {
  const dashboard = join(import.meta.dirname, '../../(dashboard)')
  // A folder whose name stands in brackets is no part of the address.
  const roots = ['', ...readdirSync(dashboard).filter((name) => name.startsWith('('))]
  for (const { path } of PAGES)
    expect(
      roots.some((root) => existsSync(join(dashboard, root, path, 'page.tsx'))),
      path,
    ).toBe(true)
})
