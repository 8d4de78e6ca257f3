import type { Content, TableCell, TableLayout, TDocumentDefinitions } from 'pdfmake/interfaces'
import type { OrganizationReport } from '@jobyard/handler'
import { sortedStatuses, statusChart, throughputChart } from './charts'
import { clockOf, count, dayRange, excerpt, plural, seconds, share, type Clock } from './format'
import { linesOf } from './lines'
import { PALETTE, styleOf } from './palette'
import type { Period } from './period'

// Lays out the operations report: from the figures of one organization to the definition of a PDF that pdfmake draws.

export interface ReportInput {
  organization: string
  period: Period
  report: OrganizationReport
  generatedAt: Date
}

/** Like all lengths here, in points. */
const MARGIN = 44
/** The width of A4 without its margins. */
const WIDTH = 595.28 - 2 * MARGIN
/** The height of a heading with its note, the head of a table and its first row, less the margin above the page. */
const ROOM_OF_A_TABLE = 100
const FONT_SIZE = 9.5
/** Between two columns of a table, half on each side. */
const GAP = 12
/** What is left of a page beside columns of these widths. */
const widthBeside = (columns: readonly number[]) =>
  WIDTH - columns.reduce((sum, column) => sum + column, GAP * columns.length)
/** The widths of the columns of the two tables. */
const TYPE_FIGURES = [48, 52, 42, 48, 52, 56]
const ERROR_NAME = 104
const ERROR_FIGURES = [44, 74]
const MESSAGE = widthBeside([ERROR_NAME, ...ERROR_FIGURES])
/** Characters. Longer names are cut where they stand beside other things. */
const NAME = 60
/** An organization may have thousands of job types. Those with most jobs have a row of their own. */
const MOST_TYPES = 100

/** The whole report as pdfmake's document definition. */
export function reportDocument(input: ReportInput, onPages: (pages: number) => void): TDocumentDefinitions {
  const { organization, period, generatedAt } = input
  const clock = clockOf(period.timeZone)
  const title = `Operations report, ${dayRange(period.firstDay, period.lastDay)}`
  return {
    info: { title: `${excerpt(organization, NAME)}: ${title}`, author: 'Jobyard', creationDate: generatedAt },
    pageSize: 'A4',
    pageMargins: [MARGIN, 46, MARGIN, 54],
    defaultStyle: { font: 'Roboto', fontSize: FONT_SIZE, color: PALETTE.ink, lineHeight: 1.15 },
    styles: {
      h2: { fontSize: 12.5, bold: true, margin: [0, 20, 0, 2] },
      note: { fontSize: 8.5, color: PALETTE.muted, margin: [0, 0, 0, 8] },
      head: { fontSize: 8, bold: true, color: PALETTE.muted },
    },
    // A heading never stays at the foot of a page without a row of its table. The library does not know yet that a row
    // goes to the next page, so the room that is left decides. Each break lays all pages out anew.
    pageBreakBefore: ({ headlineLevel, startPosition }) =>
      headlineLevel === 1 && startPosition.top > startPosition.pageInnerHeight - ROOM_OF_A_TABLE,
    footer: (page, pages) => {
      onPages(pages)
      return {
        margin: [MARGIN, 20, MARGIN, 0],
        fontSize: 8,
        color: PALETTE.muted,
        columns: [
          { text: [...inOneLine(organization, 8), `  ·  ${title}`], width: '*' },
          { text: `Page ${page} of ${pages}`, width: 'auto', alignment: 'right' },
        ],
      }
    },
    content: [
      ...heading(input, clock),
      figures(input.report),
      ...throughput(input, clock),
      ...statuses(input),
      ...typeTable(input.report),
      ...errorTable(input.report, clock),
    ],
  }
}

function heading({ organization, period, generatedAt, report }: ReportInput, clock: Clock): Content[] {
  return [
    { canvas: [{ type: 'rect', x: 0, y: 0, w: 36, h: 4, r: 2, color: PALETTE.accent }], margin: [0, 0, 0, 12] },
    { ...paragraph(excerpt(organization, 120), WIDTH, { fontSize: 11, bold: true }), color: PALETTE.accent },
    { text: 'Operations report', fontSize: 25, bold: true, margin: [0, 1, 0, 3] },
    {
      columns: [
        { text: dayRange(period.firstDay, period.lastDay), fontSize: 11, width: '*' },
        {
          text: `Generated ${clock.fullMoment(generatedAt)}`,
          fontSize: 8.5,
          color: PALETTE.muted,
          width: 'auto',
          margin: [0, 2, 0, 0],
        },
      ],
    },
    {
      ...paragraph(summary(report, period, clock), WIDTH, { fontSize: 10 }),
      color: '#334155',
      lineHeight: 1.3,
      margin: [0, 12, 0, 14],
    },
  ]
}

/** A few sentences for somebody who reads no more. */
function summary({ byStatus, timeline, topErrors }: OrganizationReport, { unit }: Period, clock: Clock): string {
  const total = sum(byStatus, () => true)
  if (total === 0) return 'No jobs were submitted in this period.'
  const completed = sum(byStatus, (status) => status === 'COMPLETED')
  const dead = sum(byStatus, (status) => status === 'DEAD_LETTER')
  const sentences = [`${share(completed, total)} of the ${plural(total, 'job')} submitted in this period completed.`]
  if (dead > 0)
    sentences.push(`${plural(dead, 'job')} ended in dead letter and ${dead === 1 ? 'needs' : 'need'} a decision.`)
  const busiest = timeline.reduce((top, at) => (at.completed > top.completed ? at : top), {
    at: new Date(0),
    completed: 0,
  })
  if (unit === 'day' && timeline.length > 1 && busiest.completed > 0) {
    sentences.push(`The busiest day was ${clock.shortDay(busiest.at)} with ${plural(busiest.completed, 'completion')}.`)
  }
  const [error] = topErrors
  if (error) sentences.push(`The most frequent error, ${plural(error.count, 'time')}, came from ${error.jobType}.`)
  return sentences.join(' ')
}

const sum = (byStatus: OrganizationReport['byStatus'], matches: (status: string) => boolean) =>
  byStatus.reduce((total, { status, count }) => total + (matches(status) ? count : 0), 0)

function figures({ byStatus, timeline }: OrganizationReport): Content {
  const total = sum(byStatus, () => true)
  const completed = sum(byStatus, (status) => status === 'COMPLETED')
  const dead = sum(byStatus, (status) => status === 'DEAD_LETTER')
  const open = sum(byStatus, (status) => !['COMPLETED', 'CANCELED', 'DEAD_LETTER'].includes(status))
  const failures = timeline.reduce((all, { failed }) => all + failed, 0)
  const attempts = timeline.reduce((all, at) => all + at.completed + at.failed, 0)
  const card = (label: string, value: string, note: string, color: string): TableCell => ({
    stack: [
      { text: label, fontSize: 8.5, color: PALETTE.muted },
      { text: value, fontSize: 19, bold: true, color, margin: [0, 2, 0, 0] },
      { text: note, fontSize: 8, color: PALETTE.muted },
    ],
    fillColor: PALETTE.cardBackground,
    margin: [2, 3, 2, 3],
  })
  const gap: TableCell = { text: '' }
  return {
    table: {
      widths: ['*', 4, '*', 4, '*', 4, '*'],
      body: [
        [
          card('Submitted', count(total), 'jobs', PALETTE.ink),
          gap,
          card('Completed', count(completed), `${share(completed, total)} of submitted`, '#047857'),
          gap,
          card(
            'Dead letter',
            count(dead),
            `${plural(open, 'job')} still open`,
            dead > 0 ? PALETTE.failed : PALETTE.ink,
          ),
          gap,
          card('Failed attempts', count(failures), `${share(failures, attempts)} of attempts`, PALETTE.ink),
        ],
      ],
    },
    layout: {
      defaultBorder: false,
      paddingLeft: () => 8,
      paddingRight: () => 8,
      paddingTop: () => 5,
      paddingBottom: () => 5,
    },
  }
}

function throughput({ report, period: { unit } }: ReportInput, clock: Clock): Content[] {
  if (report.timeline.every(({ completed, failed }) => completed + failed === 0))
    return [{ text: 'No attempt ended in this period.', style: 'note' }]
  return [
    { text: 'Throughput', style: 'h2' },
    { text: `Attempts that completed or failed, by ${unit}.`, style: 'note' },
    { svg: throughputChart(report, unit, clock, { width: WIDTH, height: 188 }), width: WIDTH },
  ]
}

function statuses({ report }: ReportInput): Content[] {
  const total = sum(report.byStatus, () => true)
  if (total === 0) return []
  const rows = sortedStatuses(report.byStatus).map(({ status, count: jobs }): TableCell[] => [
    {
      canvas: [{ type: 'rect', x: 0, y: 2, w: 8, h: 8, r: 2, color: styleOf(status).color }],
    },
    { text: styleOf(status).label },
    { text: count(jobs), alignment: 'right', bold: true },
    { text: share(jobs, total), alignment: 'right', color: PALETTE.muted },
  ])
  return [
    {
      unbreakable: true,
      stack: [
        { text: 'Where these jobs stand', style: 'h2' },
        { text: 'State, at the time of this report, of the jobs submitted in the period.', style: 'note' },
        {
          columns: [
            { svg: statusChart(report, { width: 130, height: 130 }), width: 130 },
            { width: 28, text: '' },
            {
              width: '*',
              table: { widths: [10, '*', 60, 60], body: rows },
              layout: thinLines(false),
              margin: [0, 8, 0, 0],
            },
          ],
        },
      ],
    },
  ]
}

function typeTable({ byType }: OrganizationReport): Content[] {
  if (byType.length === 0) return []
  const [shown, others] = [byType.slice(0, MOST_TYPES), byType.slice(MOST_TYPES)]
  return [
    // The first page is the summary, which is short enough for it. The tables begin on the second.
    { text: 'By job type', style: 'h2', pageBreak: 'before', margin: [0, 0, 0, 2] },
    { text: 'Jobs submitted in the period, and how long attempts that ended in it ran.', style: 'note' },
    {
      table: {
        headerRows: 1,
        dontBreakRows: true,
        widths: [widthBeside(TYPE_FIGURES), ...TYPE_FIGURES],
        body: [
          head('Job type', 'Jobs', 'Completed', 'Failing', 'Success', 'Mean run', '95 % within'),
          ...shown.map(({ jobType, total, completed, failed, avgRunSeconds, p95RunSeconds }): TableCell[] => [
            name(jobType, widthBeside(TYPE_FIGURES)),
            number(count(total)),
            number(count(completed)),
            failed > 0 ? { ...number(count(failed)), color: PALETTE.failed, bold: true } : number('0'),
            number(share(completed, completed + failed)),
            number(seconds(avgRunSeconds)),
            number(seconds(p95RunSeconds)),
          ]),
          ...(others.length > 0 ? [sumOf(others, `${plural(others.length, 'other type')}`)] : []),
          ...(byType.length > 1 ? [sumOf(byType, 'All types', true)] : []),
        ],
      },
      layout: thinLines(true),
    },
    {
      text: 'Failing: in dead letter, or waiting for the retry after a failed attempt. Success: completed, of completed and failing.',
      style: 'note',
      margin: [0, 6, 0, 0],
    },
  ]
}

/** The sums of several job types. Their run times do not add up. */
function sumOf(types: OrganizationReport['byType'], title: string, bold = false): TableCell[] {
  const all = (key: 'total' | 'completed' | 'failed') => types.reduce((sum, type) => sum + type[key], 0)
  const [completed, failed] = [all('completed'), all('failed')]
  return [
    { text: title, bold, ...(bold ? {} : { color: PALETTE.muted }) },
    ...[count(all('total')), count(completed), count(failed), share(completed, completed + failed)].map((text) => ({
      ...number(text),
      bold,
    })),
    number('–'),
    number('–'),
  ]
}

function errorTable({ topErrors, otherErrors }: OrganizationReport, clock: Clock): Content[] {
  const [first] = topErrors
  if (!first) return []
  return [
    { text: 'Top errors', style: 'h2', headlineLevel: 1 },
    {
      text: `Failed attempts of the period, grouped by cause; the message is that of the latest. Times are in ${clock.timeZone}.`,
      style: 'note',
    },
    {
      table: {
        headerRows: 1,
        dontBreakRows: true,
        widths: [ERROR_NAME, MESSAGE, ...ERROR_FIGURES],
        body: [
          head('Job type', '<Message', 'Attempts', 'Last seen'),
          ...topErrors.map(({ jobType, message: text, count: times, lastSeenAt }): TableCell[] => [
            name(jobType, ERROR_NAME),
            message(text),
            number(count(times)),
            number(clock.moment(lastSeenAt)),
          ]),
        ],
      },
      layout: thinLines(true),
    },
    ...(otherErrors.causes > 0
      ? [
          {
            text: `And ${plural(otherErrors.causes, 'other cause')} with ${plural(otherErrors.count, 'failed attempt')}.`,
            style: 'note',
            margin: [0, 6, 0, 0],
          } as Content,
        ]
      : []),
  ]
}

const name = (jobType: string, width: number): TableCell =>
  paragraph(jobType, width, { fontSize: FONT_SIZE, bold: true })
const message = (text: string): TableCell => paragraph(excerpt(text), MESSAGE, { fontSize: FONT_SIZE }, 'as it is read')
const number = (text: string) => ({ text, alignment: 'right' as const })

/** The header of a table. The first column and those marked with `<` hold text, the others numbers. */
function head(...labels: string[]): TableCell[] {
  return labels.map((label, index) => {
    const left = index === 0 || label.startsWith('<')
    return { text: label.replace(/^</, ''), style: 'head', alignment: left ? 'left' : 'right' }
  })
}

/**
 * Text that users wrote, broken into lines by lines.ts and not by pdfmake. With `as it is read`, text that is read from
 * right to left stands on the right.
 */
function paragraph(text: string, width: number, style: { fontSize: number; bold?: boolean }, side?: 'as it is read') {
  const { lines, rightToLeft } = linesOf(text, width, style)
  return {
    ...style,
    stack: lines.map(({ runs }) => ({ text: runs, noWrap: true })),
    ...(side && rightToLeft && { alignment: 'right' as const }),
  }
}

/** A name that stands beside other things. */
const inOneLine = (text: string, fontSize: number) =>
  linesOf(excerpt(text, NAME), Infinity, { fontSize }).lines.flatMap(({ runs }) => runs)

/** A table with thin lines between rows, and nothing else. */
const thinLines = (header: boolean): TableLayout => ({
  hLineWidth: (line, { table }) => (line === 0 || line === table.body.length ? 0 : header && line === 1 ? 1 : 0.5),
  vLineWidth: () => 0,
  hLineColor: (line) => (header && line === 1 ? PALETTE.faint : PALETTE.gridLine),
  paddingLeft: (column) => (column === 0 ? 0 : GAP / 2),
  paddingRight: (column, { table }) => (column === (table.widths?.length ?? 0) - 1 ? 0 : GAP / 2),
  paddingTop: () => 4,
  paddingBottom: () => 4,
})
