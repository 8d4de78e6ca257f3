import { baseUrl, type Client, type Refusal, type Status } from './world'

// Reads the stream of events of the API without the client, for journeys.

export interface WatchEvent {
  id: string
  type: 'status' | 'progress' | 'reset'
  jobId: string | null
  fromStatus: Status | null
  toStatus: Status | null
  progress: number | null
  at: string
}
interface Message {
  event: string | undefined
  data: string
}

/**
 * Reads `jobs.watch` as any programming language would, as an event stream over plain HTTP. Resolves once it is
 * connected, or refused before the stream began.
 */
export async function watch(client: Client, input: object, timeoutMs = 30_000) {
  const leave = new AbortController()
  const response = await fetch(`${baseUrl}/api/trpc/jobs.watch?input=${encodeURIComponent(JSON.stringify(input))}`, {
    headers: { ...client.headers, accept: 'text/event-stream' },
    signal: AbortSignal.any([leave.signal, AbortSignal.timeout(timeoutMs)]),
  })
  const messages = read(response)
  const begin = response.ok ? await messages.next() : undefined
  if (begin && (begin.done || begin.value.event !== 'connected'))
    throw new Error('The stream does not begin with "connected".')
  return {
    /** Returns the events up to the first one for which `last` returns true. That event is included. */
    async until(last: (event: WatchEvent) => boolean): Promise<WatchEvent[]> {
      const events: WatchEvent[] = []
      for (let next = await messages.next(); !next.done; next = await messages.next()) {
        if (next.value.event === 'serialized-error') throw new Error(next.value.data)
        if (next.value.event) continue // a message with a name, such as ping and return, is no event of a job
        const event = JSON.parse(next.value.data) as WatchEvent
        events.push(event)
        if (last(event)) return events
      }
      throw new Error(`The stream ended after ${events.length} events.`)
    },
    /** Returns the reason of a refusal, whether it came as an answer or within the stream. */
    async refusal(): Promise<Refusal> {
      if (!response.ok) return ((await response.json()) as { error: Refusal }).error
      for (let next = await messages.next(); !next.done; next = await messages.next()) {
        if (next.value.event === 'serialized-error') return JSON.parse(next.value.data) as Refusal
        if (!next.value.event) throw new Error(`It was let in: ${next.value.data}`)
      }
      throw new Error('The stream ended without a word.')
    },
    close: () => leave.abort(),
  }
}

async function* read(response: Response): AsyncGenerator<Message, void, undefined> {
  if (!response.body) return
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true })
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const message = parse(text.slice(0, end))
      text = text.slice(end + 2)
      if (message) yield message
    }
  }
}

function parse(block: string): Message | null {
  const field = (name: string) =>
    block.split('\n').flatMap((line) => (line.startsWith(`${name}:`) ? [line.slice(name.length + 1).trimStart()] : []))
  const data = field('data')
  return data.length > 0 ? { event: field('event')[0], data: data.join('\n') } : null
}
