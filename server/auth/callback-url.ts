const MAX_LENGTH = 2_000

/**
 * The page to go to after a sign-in. It must be a page of this site: a link that somebody else made must not send a
 * person who has just signed in to another site, or to something that is not a page.
 *
 * @param value anything that came in a URL, a body or a cookie
 * @param origin of this site. Without it, only paths are taken, and no whole addresses
 * @returns a path with its query and fragment, or `/` for everything that is not a page of this site
 */
export function safeCallback(value: unknown, origin = 'http://jobyard.invalid'): string {
  // Only a path or a whole address is taken. Anything else would be read relative to the present page.
  if (typeof value !== 'string' || value.length > MAX_LENGTH || !/^(?:\/|https?:\/\/)/i.test(value)) return '/'
  try {
    const url = new URL(value, origin)
    if (url.origin !== origin || url.username !== '' || url.password !== '') return '/'
    const path = url.pathname + url.search + url.hash
    const decoded = decodeURIComponent(url.pathname)
    return NO_PAGES.some((pattern) => pattern.test(decoded)) ? '/' : path
  } catch {
    return '/'
  }
}

/** Paths that are no pages to return to. */
const NO_PAGES = [
  /^\/sign-in(?:\/|$)/i,
  /^\/_next(?:\/|$)/i,
  // The API, except for its reference.
  /^\/api(?:\/(?!docs\/?$)|$)/i,
  // Browsers and servers may read "//host" and "/\\host" as another site.
  /^\/[/\\]/,
  // They may pass over control characters.
  /[\0-\x1f\x7f]/,
]
