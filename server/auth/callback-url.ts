const MAX_LENGTH = 2_000

/**
 * Where to go after signing in or out: a page of this site, and nothing else. A link that somebody else
 * made must not send a freshly signed-in person to another origin, nor to what is no page.
 *
 * @param value whatever came in an address, a body or a cookie
 * @returns a path with its query, `/` for everything that is not one of ours
 */
export function safeCallback(value: unknown, origin = 'http://jobyard.invalid'): string {
  // What begins otherwise is no address that we made, though it could be read as one beside the present page.
  if (typeof value !== 'string' || value.length > MAX_LENGTH || !/^(?:\/|https?:\/\/)/i.test(value)) return '/'
  try {
    const url = new URL(value, origin)
    if (url.origin !== origin || url.username !== '' || url.password !== '') return '/'
    const path = url.pathname + url.search + url.hash
    // "//host" and what browsers read as such
    return /^\/[/\\]/.test(path) || NO_PAGE.test(decodeURIComponent(url.pathname)) ? '/' : path
  } catch {
    return '/'
  }
}

/** The sign-in page again, the API but for its reference, files of the site, what some server may read as another host. */
const NO_PAGE = /^\/(?:sign-in(?:\/|$)|api(?:\/(?!docs\/?$)|$)|_next(?:\/|$)|[/\\])|[\0-\x1f\x7f]/i
