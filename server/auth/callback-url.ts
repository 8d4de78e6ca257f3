const MAX_LENGTH = 2_000

/**
 * The page to go to after signing in or out. It must be a page of this site: a link that somebody else made must not
 * send a person who has just signed in to another site, or to something that is not a page.
 *
 * @param value anything that came in a URL, a body or a cookie
 * @returns a path with its query, or `/` for everything that is not a page of this site
 */
export function safeCallback(value: unknown, origin = 'http://jobyard.invalid'): string {
  // Text that begins otherwise is no URL that we made, but could be read as a path relative to the present page.
  if (typeof value !== 'string' || value.length > MAX_LENGTH || !/^(?:\/|https?:\/\/)/i.test(value)) return '/'
  try {
    const url = new URL(value, origin)
    if (url.origin !== origin || url.username !== '' || url.password !== '') return '/'
    const path = url.pathname + url.search + url.hash
    // Browsers read "//host" and similar forms as another site.
    return /^\/[/\\]/.test(path) || NO_PAGE.test(decodeURIComponent(url.pathname)) ? '/' : path
  } catch {
    return '/'
  }
}

/**
 * Paths that are no pages to return to: the sign-in page, the API except for its reference, files of the site, and
 * forms that some server may read as another host.
 */
const NO_PAGE = /^\/(?:sign-in(?:\/|$)|api(?:\/(?!docs\/?$)|$)|_next(?:\/|$)|[/\\])|[\0-\x1f\x7f]/i
