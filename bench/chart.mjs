// `npm run bench -- --only throughput --rounds 3 --json > figures.json`, then `node bench/chart.mjs figures.json` draws
// bench/throughput.svg from it.
import { readFileSync, writeFileSync } from 'node:fs'

/** @type {{ name: string, median: number, values: number[] }[]} */
const figures = JSON.parse(readFileSync(process.argv[2] ?? 'figures.json', 'utf8'))
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
