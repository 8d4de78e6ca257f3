import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { root } from '@/launcher/paths.mjs'
import { LOG_EVENTS } from './log-events'
import { METRICS } from './metrics/table'

// docs/operate/metrics-and-logs.md has exactly what the code has.

const text = readFileSync(path.join(root, 'docs/operate/metrics-and-logs.md'), 'utf8')
const rows = (first: RegExp) =>
  text
    .split('\n')
    .filter((line) => first.test(line))
    .map((line) => line.split('|').map((cell) => cell.trim().replace(/\s+/g, ' ')))

test('the document has each metric with its kind, labels, source and meaning, and no other', () => {
  const documented = rows(/^\| `jobyard_/).map(([, name, type, labels, of, help]) => ({ name, type, labels, of, help }))
  expect(documented).toEqual(
    Object.entries(METRICS).map(([name, { type, of, help, ...rest }]) => ({
      name: `\`${name}\``,
      type,
      labels: ('labels' in rest ? rest.labels : []).map((label) => `\`${label}\``).join(', '),
      of,
      help,
    })),
  )
})

test('the document has each log line that an alert can use with its level, and no other', () => {
  const documented = rows(/^\| `[a-z-]+` \| (?:info|warn|error|fatal) \|/).map(([, event, level]) => [event, level])
  expect(documented).toEqual(Object.entries(LOG_EVENTS).map(([event, level]) => [`\`${event}\``, level]))
})
