import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

// A debugger as an editor is one. It sets a breakpoint at a line of a source file, in each thread of a process that
// listens for debuggers, says where the process stops, and lets it go on. It runs with --experimental-websocket.

const [port = '', file = '', text = ''] = process.argv.slice(2)
const line = readFileSync(file, 'utf8')
  .split('\n')
  .findIndex((one) => one.includes(text))
const [target] = /** @type {{ webSocketDebuggerUrl: string }[]} */ (
  await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()
)
const socket = new WebSocket(target?.webSocketDebuggerUrl ?? '')
await new Promise((resolve) => socket.addEventListener('open', resolve))

let serial = 0
/** @param {string} method @param {object} [params] @param {string} [thread] */
function send(method, params = {}, thread) {
  const message = { id: ++serial, method, params }
  if (thread === undefined) socket.send(JSON.stringify(message))
  else send('NodeWorker.sendMessageToWorker', { sessionId: thread, message: JSON.stringify(message) })
}

/** The scripts that come from the source file, by thread and id. @type {Map<string, SourceMap>} */
const maps = new Map()

/** @param {any} message @param {string} [thread] */
function hear({ method, params }, thread) {
  if (method === 'NodeWorker.attachedToWorker') send('Debugger.enable', {}, params.sessionId)
  if (method === 'NodeWorker.receivedMessageFromWorker') hear(JSON.parse(params.message), params.sessionId)
  if (method === 'Debugger.scriptParsed') setBreakpoints(params, thread)
  if (method === 'Debugger.paused') {
    const { scriptId, lineNumber, columnNumber } = params.callFrames[0].location
    const entry = maps.get(`${thread} ${scriptId}`)?.findEntry(lineNumber, columnNumber)
    const at =
      entry && 'originalLine' in entry ? `${path.basename(entry.originalSource)}:${entry.originalLine + 1}` : '?'
    process.stdout.write(`stopped at ${at}\n`)
    send('Debugger.resume', {}, thread)
  }
}

/** @param {{ scriptId: string, url: string, sourceMapURL?: string }} script @param {string} [thread] */
function setBreakpoints({ scriptId, url, sourceMapURL }, thread) {
  if (!sourceMapURL || !url.startsWith('file:')) return
  const map = new SourceMap(JSON.parse(mapText(url, sourceMapURL)))
  const [generated] = readFileSync(fileURLToPath(url), 'utf8')
    .split('\n')
    .flatMap((row, n) => [...row.matchAll(/\S/g)].map(({ index }) => ({ n, index })))
    .filter(({ n, index }) => {
      const entry = map.findEntry(n, index)
      return (
        'originalLine' in entry &&
        entry.originalLine === line &&
        path.basename(entry.originalSource) === path.basename(file)
      )
    })
  if (!generated) return
  maps.set(`${thread} ${scriptId}`, map)
  send(
    'Debugger.setBreakpoint',
    { location: { scriptId, lineNumber: generated.n, columnNumber: generated.index } },
    thread,
  )
  process.stdout.write('waits\n')
}

/** @param {string} url @param {string} sourceMapURL */
function mapText(url, sourceMapURL) {
  const inline = /^data:application\/json[^,]*;base64,(.*)$/.exec(sourceMapURL)
  return inline
    ? Buffer.from(inline[1] ?? '', 'base64').toString()
    : readFileSync(fileURLToPath(new URL(sourceMapURL, url)), 'utf8')
}

socket.addEventListener('message', ({ data }) => hear(JSON.parse(String(data))))
send('Debugger.enable')
send('NodeWorker.enable', { waitForDebuggerOnStart: false })
