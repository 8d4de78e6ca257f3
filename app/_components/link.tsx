'use client'

import NextLink from 'next/link'
import { useState, type ComponentProps } from 'react'

/**
 * A link within the dashboard. Its page is fetched once the reader points at the link or moves the focus to it, and so
 * is there when the link is followed. Next.js by itself fetches the pages of all links in sight, twice each: with the
 * navigation and the tiles of a page those were 40 requests, for which the page's own data had to wait.
 *
 * @param props as of `next/link`. `prefetch={false}` fetches nothing beforehand, which long lists need
 */
export default function Link({ prefetch, onPointerEnter, onFocus, ...rest }: ComponentProps<typeof NextLink>) {
  const [isMeant, setIsMeant] = useState(false)
  return (
    <NextLink
      {...rest}
      prefetch={isMeant ? prefetch : false}
      onPointerEnter={(event) => {
        setIsMeant(true)
        onPointerEnter?.(event)
      }}
      onFocus={(event) => {
        setIsMeant(true)
        onFocus?.(event)
      }}
    />
  )
}
