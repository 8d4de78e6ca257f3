// Every process that runs imports this file first. Whatever it and its children write from then on can be read by its
// own user only. Processes that build do not import it.

/** The umask that the process was started with. */
const inherited = process.umask(0o077)

/**
 * Starts work that writes files which other users must be able to read, such as installed packages: the embedded
 * database runs as a user of its own. It holds only for what `begin` starts before it returns.
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
