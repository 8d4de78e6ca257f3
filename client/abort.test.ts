import { createServer, type Server, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, expect, it } from 'vitest'
import { orAborted } from './abort'
import { createJobyardClient, type JobyardClient } from './index'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

/** A client whose server answers each request with the given function. */
async function clientOf(answer: (response: ServerResponse) => void, callTimeoutMs = 60_000) {
  server = createServer((_, response) => answer(response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return createJobyardClient({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    apiKey: 'jy_live_x',
    organizationId: 'o',
    patienceMs: 0,
    callTimeoutMs,
  })
}
/** Runs the garbage collector, so that everything held only by weak references is gone afterwards. */
async function forget() {
  for (let n = 0; n < 10; n++) {
    collectGarbage()
    await sleep(20)
  }
}

// The garbage collector can detach the signal from fetch (undici #4627). The caller must not wait for ever then.
it('a watch of a stream that sends nothing but pings ends with its signal, and lets the connection go', async () => {
  let closed = false
  const jobyard = await clientOf((response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('event: connected\ndata: {}\n\n')
    const beat = setInterval(() => response.write('event: ping\ndata: \n\n'), 10)
    response.on('close', () => {
      clearInterval(beat)
      closed = true
    })
  })
  const leave = new AbortController()
  const events = jobyard.watch({ lastEventId: '1', signal: leave.signal })
  const end = expect(events.next()).rejects.toThrow('enough')
  await forget()
  leave.abort(new Error('enough'))
  await end
  await expect.poll(() => closed).toBe(true)
})

const CALLS = {
  call: (jobyard: JobyardClient, signal?: AbortSignal) => jobyard.get('j', { signal }),
  download: (jobyard: JobyardClient, signal?: AbortSignal) =>
    jobyard.download({ url: '/api/artifacts/a/b' }, { signal }),
}
for (const [name, call] of Object.entries(CALLS)) {
  it(`a ${name} that is never answered ends with its timeout`, async () => {
    const late = expect(call(await clientOf(() => undefined, 600))).rejects.toMatchObject({ reason: 'NETWORK' })
    await forget()
    await late
  })

  it(`a ${name} that is never answered ends with its signal`, async () => {
    const leave = new AbortController()
    const end = expect(call(await clientOf(() => undefined), leave.signal)).rejects.toThrow('enough')
    await forget()
    leave.abort(new Error('enough'))
    await end
  })
}

it('work ends with its own result or error, unless its signal fires first or has fired before', async () => {
  const leave = new AbortController()
  await expect(orAborted(Promise.resolve('done'), leave.signal)).resolves.toBe('done')
  leave.abort(new Error('too late'))
  await expect(orAborted(new Promise(() => undefined), leave.signal)).rejects.toThrow('too late')
  await expect(orAborted(Promise.reject(new Error('broken')), new AbortController().signal)).rejects.toThrow('broken')
})
