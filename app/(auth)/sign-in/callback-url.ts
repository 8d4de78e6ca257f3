/**
 * Where to go after signing in: a path of this site, and nothing else. A link that somebody else
 * made must not send a freshly signed-in person to another origin.
 */
export function safeCallback(value: string | null | undefined, origin = 'http://jobyard.invalid'): string {
  if (!value) return '/'
  try {
    const url = new URL(value, origin)
    if (url.origin !== origin) return '/'
    const path = url.pathname + url.search + url.hash
    // "//host" and what browsers read as such
    return /^\/[/\\]/.test(path) || url.pathname.startsWith('/sign-in') ? '/' : path
  } catch {
    return '/'
  }
}
