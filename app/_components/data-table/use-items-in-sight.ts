import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { useLayoutEffect, useRef, useState } from 'react'

/**
 * Which items of a long list to draw: those in the window, and some around them. `above` and `below` are the heights in
 * pixels of the space that stands for the others, so that the page keeps its height.
 */
export function useItemsInSight<First extends HTMLElement, Item extends HTMLElement>({
  count,
  height,
  key,
  around,
}: {
  count: number
  /** The height of an item in pixels before it is measured. */
  height: number
  /** Tells items apart, by their place in the list. */
  key: (index: number) => string
  /** How many items are drawn above and below those in sight. */
  around: number
}) {
  /** The element whose upper edge is the beginning of the list. */
  const start = useRef<First>(null)
  /** How far below the top of the document the list begins, in pixels. The virtualizer counts from that top. */
  const [scrollMargin, setScrollMargin] = useState(0)
  useLayoutEffect(() => {
    if (start.current) setScrollMargin(start.current.getBoundingClientRect().top + window.scrollY)
  }, [])
  const virtualizer = useWindowVirtualizer<Item>({
    count,
    estimateSize: () => height,
    getItemKey: key,
    overscan: around,
    scrollMargin,
  })
  const items = virtualizer.getVirtualItems()
  return {
    start,
    items,
    /** Each drawn item passes itself to this function, which measures it. */
    measure: virtualizer.measureElement,
    above: (items[0]?.start ?? scrollMargin) - scrollMargin,
    below: virtualizer.getTotalSize() - (items.at(-1)?.end ?? scrollMargin) + scrollMargin,
  }
}
