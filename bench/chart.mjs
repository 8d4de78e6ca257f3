// `npm run bench -- --only throughput --rounds 3 --json > figures.json`, then `node bench/chart.mjs figures.json` draws
// bench/throughput.svg from it. From the figures of `--only growth` it draws bench/growth.svg.
import { readFileSync, writeFileSync } from 'node:fs'

/** @type {{ name: string, median: number, values: number[] }[]} */
const figures = JSON.parse(readFileSync(process.argv[2] ?? 'figures.json', 'utf8'))
if (figures.some(({ name }) => name.startsWith('growth'))) drawGrowth()
if (figures.some(({ name }) => name.startsWith('throughput'))) drawThroughput()

function drawThroughput() {
  const rates = figures
    .filter(({ name }) => /^throughput.*: jobs\/s, /.test(name))
    .map(({ name, median, values }) => ({
      name: name.replace(/^throughput(?: on (\S+))?: jobs\/s, (.*)$/, (_, store, who) =>
        store ? `${who}, ${store}` : who,
      ),
      median,
      lowest: Math.min(...values),
      highest: Math.max(...values),
    }))
  const [rowHeight, left, width] = [30, 270, 420]
  const scale = width / Math.max(...rates.map(({ highest }) => highest))
  const rows = rates.map(({ name, median, lowest, highest }, row) => {
    const y = 40 + row * rowHeight
    const colour = name.startsWith('Jobyard') ? '#2563eb' : '#94a3b8'
    return `  <text x="${left - 10}" y="${y + 14}" text-anchor="end">${name}</text>
  <rect x="${left}" y="${y}" width="${(median * scale).toFixed(1)}" height="18" fill="${colour}"/>
  <line x1="${(left + lowest * scale).toFixed(1)}" x2="${(left + highest * scale).toFixed(1)}" y1="${y + 9}" y2="${y + 9}" stroke="#0f172a" stroke-width="2"/>
  <text x="${(left + highest * scale + 8).toFixed(1)}" y="${y + 14}">${Math.round(median)}</text>`
  })
  writeFileSync(
    new URL('throughput.svg', import.meta.url),
    `<svg xmlns="http://www.w3.org/2000/svg" width="${left + width + 80}" height="${50 + rates.length * rowHeight}" font-family="sans-serif" font-size="13" fill="#0f172a">
  <rect width="100%" height="100%" fill="#ffffff"/>
  <text x="${left}" y="22" font-weight="bold">Jobs in a second (median; the line goes from lowest to highest)</text>
${rows.join('\n')}
</svg>
`,
  )
}

/** One bar for each backlog: the steps of a job, one after the other. */
function drawGrowth() {
  const steps = { submit: '#2563eb', dispatch: '#0d9488', claim: '#d97706', complete: '#94a3b8' }
  /** @type {Map<string, Record<string, number>>} */
  const backlogs = new Map()
  for (const { name, median } of figures) {
    const [, jobs, organizations, step] =
      /^growth, (\d+) of each kind in (\d+) organizations: (\w+)$/.exec(name.trim()) ?? []
    if (!jobs || !step || !(step in steps)) continue
    const backlog = `${Number(jobs).toLocaleString('en')} of each kind, ${Number(organizations).toLocaleString('en')} ${organizations === '1' ? 'organization' : 'organizations'}`
    backlogs.set(backlog, { ...backlogs.get(backlog), [step]: median })
  }
  const [rowHeight, left, width] = [30, 300, 420]
  const total = (/** @type {Record<string, number>} */ costs) => Object.values(costs).reduce((sum, one) => sum + one, 0)
  const scale = width / Math.max(...[...backlogs.values()].map(total))
  const rows = [...backlogs].map(([backlog, costs], row) => {
    const y = 60 + row * rowHeight
    let x = left
    const parts = Object.entries(steps).map(([step, colour]) => {
      const part = `  <rect x="${x.toFixed(1)}" y="${y}" width="${((costs[step] ?? 0) * scale).toFixed(1)}" height="18" fill="${colour}"/>`
      x += (costs[step] ?? 0) * scale
      return part
    })
    return `  <text x="${left - 10}" y="${y + 14}" text-anchor="end">${backlog}</text>
${parts.join('\n')}
  <text x="${(x + 8).toFixed(1)}" y="${y + 14}">${Math.round(total(costs))}</text>`
  })
  const legend = Object.entries(steps).map(
    ([step, colour], at) => `  <rect x="${left + at * 100}" y="34" width="12" height="12" fill="${colour}"/>
  <text x="${left + at * 100 + 18}" y="45">${step}</text>`,
  )
  writeFileSync(
    new URL('growth.svg', import.meta.url),
    `<svg xmlns="http://www.w3.org/2000/svg" width="${left + width + 80}" height="${70 + backlogs.size * rowHeight}" font-family="sans-serif" font-size="13" fill="#0f172a">
  <rect width="100%" height="100%" fill="#ffffff"/>
  <text x="${left}" y="22" font-weight="bold">Processor time of a job in µs, beside what is there already</text>
${[...legend, ...rows].join('\n')}
</svg>
`,
  )
}
