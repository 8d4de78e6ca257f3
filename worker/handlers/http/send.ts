import { lookup, type LookupAddress, type LookupOptions } from 'node:dns'
import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import https from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { allowsAddress, allowsName, isLoopbackName, type Allowed } from '@/server/engine/domain/destination'
import { PermanentError, TransientError } from '@/worker/handler'

/** More of an answer is not read. */
export const MAX_ANSWER_BYTES = 256 * 1024

export interface Outgoing {
  url: URL
  method: string
  headers: Record<string, string>
  /** Empty: none. */
  body: string
}

export interface Answer {
  status: number
  statusText: string
  headers: IncomingHttpHeaders
  body: Buffer
  /** There was more than MAX_ANSWER_BYTES. */
  truncated: boolean
}

/** As `dns.lookup` with `all: true`. */
type Resolve = (
  host: string,
  options: LookupOptions & { all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/**
 * Sends one request and reads its answer, whatever its status. A redirect is an answer like any other and
 * is never followed. The address is checked where the connection is made, on what the name resolved to
 * for it, so that a name that changes its mind in between gains nothing.
 *
 * @throws PermanentError where the destination may not be called; TransientError where its name leads to nothing that
 * may be; the network's errors; the signal's reason.
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
  // Node asks no lookup about what is an address already.
  if (isIP(host) !== 0 && !may(host)) throw refused(url)
  try {
    return await new Promise<Answer>((done, fail) => {
      const request = (secure ? https : http).request(
        url,
        // A connection of its own: none that was made for another destination is taken up again.
        { method, headers, signal, agent: false, lookup: guarded(resolve, may) },
        (incoming) => void read(incoming).then(done, fail),
      )
      request.on('error', fail)
      request.end(body)
    })
  } catch (error) {
    signal.throwIfAborted()
    // Made here for both, so that not even their stacks tell one from the other.
    if (error instanceof LeadsNowhere) throw isLoopbackName(host) ? refused(url) : unreachable(url)
    throw error
  }
}

const refused = (url: URL) =>
  new PermanentError(
    `${url.host} is a private, loopback or reserved address. Jobyard calls such a one only where HTTP_REQUEST_ALLOW lists it.`,
  )

/**
 * The same for a name that does not resolve and for one that resolves to what may not be called: whoever submits jobs
 * could otherwise find out which names exist inside. It is tried again, because the first may pass.
 */
const unreachable = (url: URL) =>
  new TransientError(
    `${url.host} cannot be called: the name does not resolve, or only to private, loopback or reserved addresses. Jobyard calls such a one only where HTTP_REQUEST_ALLOW lists it.`,
  )

class LeadsNowhere extends Error {}

/** A lookup that answers with the addresses that may be called, and fails where there is none. */
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
