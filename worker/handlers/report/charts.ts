import type { EChartsCoreOption } from 'echarts/core'
import type { OrganizationReport } from '@/worker/handler'
import { count, hour, shortDate, shortDay } from './format'
import { PALETTE, STATUSES } from './palette'

const FONT = 'Roboto'
const LABEL = { color: PALETTE.muted, fontFamily: FONT, fontSize: 10 }

export interface Charts {
  /** SVG documents of the given sizes in points. */
  throughput(size: Size): string
  statuses(size: Size): string
}
interface Size {
  width: number
  height: number
}

/** Draws a report's charts as SVG. Loads the chart library only here: nothing else needs it. */
export async function drawCharts(report: OrganizationReport): Promise<Charts> {
  const [core, { BarChart, PieChart }, { GridComponent, LegendComponent, GraphicComponent }, { SVGRenderer }] =
    await Promise.all([
      import('echarts/core'),
      import('echarts/charts'),
      import('echarts/components'),
      import('echarts/renderers'),
    ])
  core.use([BarChart, PieChart, GridComponent, LegendComponent, GraphicComponent, SVGRenderer])
  const draw = (option: EChartsCoreOption, size: Size) => {
    const chart = core.init(null, null, { renderer: 'svg', ssr: true, ...size })
    try {
      chart.setOption({ animation: false, textStyle: { fontFamily: FONT }, ...option })
      return chart.renderToSVGString()
    } finally {
      chart.dispose()
    }
  }
  return {
    throughput: (size) => draw(throughputOption(report), size),
    statuses: (size) => draw(statusOption(report), size),
  }
}

function throughputOption({ timeline, bucketSeconds }: OrganizationReport): EChartsCoreOption {
  const daily = bucketSeconds >= 86_400
  const name = daily ? (timeline.length > 10 ? shortDate : shortDay) : hour
  const bars = (label: string, color: string, data: number[]) => ({
    name: label,
    type: 'bar',
    stack: 'attempts',
    data,
    barMaxWidth: 34,
    barCategoryGap: '38%',
    itemStyle: { color },
  })
  return {
    grid: { left: 42, right: 4, top: 30, bottom: 22 },
    legend: { left: 0, top: 0, itemWidth: 9, itemHeight: 9, itemGap: 16, icon: 'roundRect', textStyle: LABEL },
    xAxis: {
      type: 'category',
      data: timeline.map(({ at }) => name(at)),
      axisLine: { lineStyle: { color: PALETTE.line } },
      axisTick: { show: false },
      axisLabel: { ...LABEL, ...(timeline.length <= 8 ? { interval: 0 } : { hideOverlap: true }) },
    },
    yAxis: {
      type: 'value',
      minInterval: 1,
      splitNumber: 4,
      axisLabel: { ...LABEL, formatter: (value: number) => count(value) },
      splitLine: { lineStyle: { color: PALETTE.line } },
    },
    series: [
      bars(
        'Completed',
        PALETTE.completed,
        timeline.map(({ completed }) => completed),
      ),
      bars(
        'Failed',
        PALETTE.failed,
        timeline.map(({ failed }) => failed),
      ),
    ],
  }
}

function statusOption({ byStatus }: OrganizationReport): EChartsCoreOption {
  const total = byStatus.reduce((sum, { count }) => sum + count, 0)
  return {
    series: [
      {
        type: 'pie',
        radius: ['66%', '96%'],
        center: ['50%', '50%'],
        startAngle: 90,
        // A handful among thousands is still to be seen.
        minAngle: 3,
        label: { show: false },
        silent: true,
        itemStyle: { borderColor: '#ffffff', borderWidth: 1.5 },
        data: sortedStatuses(byStatus).map(({ status, count: value }) => ({
          value,
          itemStyle: { color: STATUSES[status]?.color ?? PALETTE.faint },
        })),
      },
    ],
    graphic: [
      {
        type: 'group',
        left: 'center',
        top: 'middle',
        children: [
          line(count(total), 0, { fill: PALETTE.ink, font: `bold ${count(total).length > 7 ? 15 : 21}px ${FONT}` }),
          line(total === 1 ? 'job' : 'jobs', 19, { fill: PALETTE.muted, font: `10px ${FONT}` }),
        ],
      },
    ],
  }
}

const line = (text: string, y: number, style: object) => ({
  type: 'text',
  x: 0,
  y,
  style: { text, textAlign: 'center', textVerticalAlign: 'middle', ...style },
})

/** In the order in which a job passes its states, which is also that of the legend beside the chart. */
export function sortedStatuses(byStatus: OrganizationReport['byStatus']) {
  const order = Object.keys(STATUSES)
  return [...byStatus].sort((a, b) => order.indexOf(a.status) - order.indexOf(b.status))
}
