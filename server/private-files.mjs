// Imported first by every process that runs, and by none that builds: what it and its children write from now on
// is for its own user alone.

/** What the process was started with. */
const inherited = process.umask(0o077)

/**
 * Begins work whose files are not this product's own data: others must be able to read installed packages, such as
 * the user that the embedded database runs as. Only what `begin` starts before it returns is meant.
 * @template T
 * @param {() => T} begin
 */
export function withInheritedUmask(begin) {
  const own = process.umask(inherited)
  try {
    return begin()
  } finally {
    process.umask(own)
  }
}
