import { lookup, type LookupAddress, type LookupOptions } from 'node:dns'
import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import https from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { allowsAddress, allowsName, isLoopbackName, type Allowed } from '@/server/engine/domain/destination'
import { PermanentError, TransientError } from '@jobyard/handler'

/** Bytes of an answer that are read. */
export const MAX_ANSWER_BYTES = 256 * 1024

export interface Outgoing {
  url: URL
  method: string
  headers: Record<string, string>
  /** Empty where there is none. */
  body: string
}

export interface Answer {
  status: number
  statusText: string
  headers: IncomingHttpHeaders
  body: Buffer
  /** True where the answer had more than MAX_ANSWER_BYTES. */
  truncated: boolean
}

/** Looks up a name, as `dns.lookup` does with `all: true`. */
type Resolve = (
  host: string,
  options: LookupOptions & { all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/**
 * Sends one request and reads its answer, whatever its status. A redirect is an answer like any other and is never
 * followed. The address is checked when the connection is made, with the addresses that were looked up for it. A name
 * that resolves to another address a moment later gains nothing.
 *
 * @throws PermanentError where the destination may not be called; TransientError where the name has no address, or none
 * that may be called; errors of the network; the signal's reason
 */
export async function send(
  outgoing: Outgoing,
  { allow, signal, resolve = lookup }: { allow: readonly Allowed[]; signal: AbortSignal; resolve?: Resolve },
): Promise<Answer> {
  const { url, method, headers, body } = outgoing
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const secure = url.protocol === 'https:'
  const port = Number(url.port || (secure ? 443 : 80))
  const may = (address: string) => allowsName(allow, { host, port }) || allowsAddress(allow, address, port)
  // Node.js does not look up what is an address already, so it is checked here.
  if (isIP(host) !== 0 && !may(host)) throw refused(url)
  try {
    return await new Promise<Answer>((done, fail) => {
      const request = (secure ? https : http).request(
        url,
        // The request gets a connection of its own. One that was opened for another destination is never used again.
        { method, headers, signal, agent: false, lookup: guarded(resolve, may) },
        (incoming) => void read(incoming).then(done, fail),
      )
      request.on('error', fail)
      request.end(body)
    })
  } catch (error) {
    signal.throwIfAborted()
    // The error is made here for both cases, so that not even the stacks tell one from the other.
    if (error instanceof LeadsNowhere) throw isLoopbackName(host) ? refused(url) : unreachable(url)
    throw error
  }
}

const refused = (url: URL) =>
  new PermanentError(
    `${url.host} is a private, loopback or reserved address. Jobyard calls such a one only where HTTP_REQUEST_ALLOW lists it.`,
  )

/**
 * The same error for a name that does not resolve and for one whose addresses may not be called. Otherwise anybody who
 * submits jobs could find out which names exist inside the network. It is TRANSIENT, because the first case may pass.
 */
const unreachable = (url: URL) =>
  new TransientError(
    `${url.host} cannot be called: the name does not resolve, or only to private, loopback or reserved addresses. Jobyard calls such a one only where HTTP_REQUEST_ALLOW lists it.`,
  )

class LeadsNowhere extends Error {}

/** A lookup that gives only addresses that may be called, and fails where there are none. */
function guarded(resolve: Resolve, may: (address: string) => boolean): LookupFunction {
  return (host, options, done) => {
    resolve(host, { ...options, all: true }, (error, addresses) => {
      const allowed = error ? [] : addresses.filter(({ address }) => may(address))
      const [first] = allowed
      if (!first) return done(new LeadsNowhere(), [])
      return options.all ? done(null, allowed) : done(null, first.address, first.family)
    })
  }
}

async function read(incoming: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    size += chunk.length
    // Leaving the loop ends the connection.
    if (size > MAX_ANSWER_BYTES) break
  }
  return {
    status: incoming.statusCode ?? 0,
    statusText: incoming.statusMessage ?? '',
    headers: incoming.headers,
    body: Buffer.concat(chunks).subarray(0, MAX_ANSWER_BYTES),
    truncated: size > MAX_ANSWER_BYTES,
  }
}
