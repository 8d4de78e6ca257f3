import { NODE } from './graph-layout'

/** How many jobs of a graph lie beyond each edge of what is in view. */
export interface Beyond {
  left: number
  right: number
  up: number
  down: number
}
export type Edge = keyof Beyond
export const NOTHING_BEYOND: Beyond = { left: 0, right: 0, up: 0, down: 0 }

/** A part of the graph, in the graph's own pixels. */
interface View {
  left: number
  top: number
  width: number
  height: number
}

/** A box may lie this many pixels across an edge before it counts as out of view. */
const SLACK = 4

/**
 * Counts the jobs that are not wholly in view. Each is counted once: beyond the left or right edge where it is beyond
 * one, because that is the way in which the graph leads.
 */
export function beyond(
  { nodes }: { nodes: readonly { x: number; y: number }[] },
  { left, top, width, height }: View,
): Beyond {
  const found = { ...NOTHING_BEYOND }
  for (const { x, y } of nodes) {
    if (x - NODE.width / 2 < left - SLACK) found.left++
    else if (x + NODE.width / 2 > left + width + SLACK) found.right++
    else if (y - NODE.height / 2 < top - SLACK) found.up++
    else if (y + NODE.height / 2 > top + height + SLACK) found.down++
  }
  return found
}
