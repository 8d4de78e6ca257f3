import { NODE, type Bounds, type Layout } from './graph-layout'

/** So many pixels around the view are drawn as well, so that a short move shows no empty place. */
const AROUND = 400
/** The part that is drawn moves on in steps of this many pixels, so that not every pixel of a move draws anew. */
const STEP = 200

/** The part of a graph that is drawn: what is in view, and something around it. */
export const partAround = (view: { left: number; top: number; width: number; height: number }): Bounds => ({
  left: Math.floor((view.left - AROUND) / STEP) * STEP,
  top: Math.floor((view.top - AROUND) / STEP) * STEP,
  right: Math.ceil((view.left + view.width + AROUND) / STEP) * STEP,
  bottom: Math.ceil((view.top + view.height + AROUND) / STEP) * STEP,
})

export const samePart = (a: Bounds, b: Bounds) =>
  a.left === b.left && a.top === b.top && a.right === b.right && a.bottom === b.bottom

const touches = (a: Bounds, b: Bounds) =>
  a.left <= b.right && a.right >= b.left && a.top <= b.bottom && a.bottom >= b.top

/**
 * The boxes and arrows of a part of the graph. A box counts with its whole size. Boxes in `always` are among them
 * wherever they are, because they have the focus or are about to get it.
 */
export function drawnIn(
  { nodes, edges }: Layout,
  part: Bounds,
  always: ReadonlySet<string>,
): Pick<Layout, 'nodes' | 'edges'> {
  const [half, rise] = [NODE.width / 2, NODE.height / 2]
  return {
    nodes: nodes.filter(
      ({ id, x, y }) =>
        always.has(id) || touches({ left: x - half, right: x + half, top: y - rise, bottom: y + rise }, part),
    ),
    edges: edges.filter(({ bounds }) => touches(bounds, part)),
  }
}
