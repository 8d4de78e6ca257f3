import type { Layout } from './graph-layout'

// Moving through a graph of dependencies with the arrow keys.

type Arrow = 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown'
export const isArrow = (key: string): key is Arrow => /^Arrow(Left|Right|Up|Down)$/.test(key)

/**
 * The job to which an arrow key leads. Left leads to a job that this one waits for, and right to a job that waits for
 * it, always the one nearest in height. Up and down lead through the column. Null where there is none.
 */
export function jobAtArrowKey({ nodes, edges }: Layout, id: string, key: Arrow): string | null {
  const here = nodes.find((node) => node.id === id)
  if (!here) return null
  const linked =
    key === 'ArrowLeft'
      ? new Set(edges.filter(({ to }) => to === id).map(({ from }) => from))
      : new Set(edges.filter(({ from }) => from === id).map(({ to }) => to))
  const candidates = nodes.filter((node) =>
    key === 'ArrowLeft' || key === 'ArrowRight'
      ? linked.has(node.id)
      : Math.abs(node.x - here.x) < 1 && (key === 'ArrowUp' ? node.y < here.y : node.y > here.y),
  )
  const distance = (node: { y: number }) => Math.abs(node.y - here.y)
  return candidates.sort((a, b) => distance(a) - distance(b))[0]?.id ?? null
}
