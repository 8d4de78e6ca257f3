import { formatDuration } from '@/app/_components/time'
import { KIND } from './timeline-parts'
import type { TimelineRow } from './timeline-spans'

/** The pieces of a row in words, such as "waited 3m 20s for its turn". Only the last one may still go on. */
export const spanWords = ({ spans, open }: TimelineRow): string[] =>
  spans.map(({ kind, from, to }, i) => {
    const { before, goesOn, after } = KIND[kind]
    return `${open && i === spans.length - 1 ? goesOn : before} ${formatDuration(to - from)}${after}`
  })
