'use client'

let opener: ((text: string) => void) | undefined

/**
 * Opens the command palette from anywhere on the page, with this text in its field. While the palette's code is still
 * loading, a further call adds its text at the end.
 */
export const openPalette = (text = '') => opener?.(text)

/** Tells how the palette is opened. Returns a function that ends this. */
export function onOpenPalette(open: (text: string) => void) {
  opener = open
  return () => {
    opener = undefined
  }
}
