import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { inRoot } from '@/launcher/paths.mjs'
import { METRICS } from './metrics/table'

// What the dashboard and the alert rules ask for must be there, and must not be counted twice.

const read = (file: string) => readFileSync(inRoot('deploy/monitoring', file), 'utf8')
const dashboard = JSON.parse(read('grafana-dashboard.json')) as { panels: { targets?: { expr: string }[] }[] }
const queries = [
  ...dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
  ...[...read('jobyard.rules.yml').matchAll(/^ +expr: (.+)$/gm)].map(([, expr]) => expr!),
]
const names = (query: string) => [...query.matchAll(/\bjobyard_[a-z_]+/g)].map(([name]) => name)

test('dashboard and rules ask for metrics that exist', () => {
  expect(queries.length).toBeGreaterThan(40)
  const known = (name: string) => name in METRICS || name.replace(/_(?:bucket|sum|count)$/, '') in METRICS
  expect(queries.flatMap(names).filter((name) => !known(name))).toEqual([])
})

test('figures of the installation, which each web process gives, are taken by max and never added up', () => {
  const doubled = queries.filter((query) => {
    const figures = names(query).filter(
      (name) => name in METRICS && METRICS[name as keyof typeof METRICS].of === 'installation',
    )
    const taken = [...query.matchAll(/\bmax(?: by \([a-z_, ]+\))? ?\((jobyard_[a-z_]+)/g)].map(([, name]) => name)
    return figures.length !== taken.filter((name) => figures.includes(name!)).length
  })
  expect(doubled).toEqual([])
})
