/**
 * The addresses to listen on for a HOST. "localhost" is this machine alone, under both of its addresses: programs
 * that are told the name try one or the other first.
 * @param {string} [host] without one: all
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
