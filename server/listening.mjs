/**
 * The addresses to listen on for a HOST. "localhost" means both addresses of this machine, because some programs that
 * are given the name try the IPv6 address first, and some the IPv4 address.
 * @param {string} [host] when it is absent, the server listens on all addresses
 * @returns {(string | undefined)[]}
 */
export const addressesOf = (host) => (host === 'localhost' ? ['127.0.0.1', '::1'] : [host])

/**
 * Whether the second address of "localhost" is not there because this machine has no IPv6.
 * @param {string | undefined} host
 * @param {string | undefined} address
 * @param {string | undefined} code
 */
export const isAbsent = (host, address, code) =>
  host === 'localhost' && address === '::1' && (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT')
