import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

// Does what the debugger of an editor does: `node --experimental-websocket debugger.fixture.mjs PORT FILE TEXT` sets a
// breakpoint at the first line of FILE that contains TEXT, in every thread of the process that listens for debuggers on
// PORT. It prints `waits` once a breakpoint is set and `stopped at FILE:LINE` each time the process stops there, lets
// the process go on, and runs until it is killed.

const [port = '', file = '', textOfLine = ''] = process.argv.slice(2)
const line = readFileSync(file, 'utf8')
  .split('\n')
  .findIndex((one) => one.includes(textOfLine))
if (line < 0) throw new Error(`no line of ${file} contains “${textOfLine}”`)
const [target] = /** @type {{ webSocketDebuggerUrl: string }[]} */ (
  await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()
)
const socket = new WebSocket(target?.webSocketDebuggerUrl ?? '')
await new Promise((resolve) => socket.addEventListener('open', resolve))

let serial = 0
/**
 * Sends a command to the process, or to one of its threads. Threads have no connection of their own: Node passes on
 * what the domain NodeWorker, its addition to the protocol, wraps. Returns the number of the command.
 * @param {string} method
 * @param {object} [params]
 * @param {string} [thread]
 */
function send(method, params = {}, thread) {
  const message = { id: ++serial, method, params }
  if (thread === undefined) socket.send(JSON.stringify(message))
  else send('NodeWorker.sendMessageToWorker', { sessionId: thread, message: JSON.stringify(message) })
  return message.id
}

/**
 * The source maps of the scripts that were made of FILE, by thread and id of the script.
 * @type {Map<string, SourceMap>}
 */
const maps = new Map()
/** The numbers of the commands that ask for a breakpoint. @type {Set<number>} */
const asked = new Set()

/** @param {any} message @param {string} [thread] */
function hear({ id, method, params, error }, thread) {
  if (asked.delete(id)) process.stdout.write(error ? `no breakpoint: ${error.message}\n` : 'waits\n')
  if (method === 'NodeWorker.attachedToWorker') send('Debugger.enable', {}, params.sessionId)
  if (method === 'NodeWorker.receivedMessageFromWorker') hear(JSON.parse(params.message), params.sessionId)
  if (method === 'Debugger.scriptParsed') setBreakpoint(params, thread)
  if (method === 'Debugger.paused') {
    const { scriptId, lineNumber, columnNumber } = params.callFrames[0].location
    const entry = maps.get(`${thread} ${scriptId}`)?.findEntry(lineNumber, columnNumber)
    const at =
      entry && 'originalLine' in entry ? `${path.basename(entry.originalSource)}:${entry.originalLine + 1}` : '?'
    process.stdout.write(`stopped at ${at}\n`)
    send('Debugger.resume', {}, thread)
  }
}

/**
 * Sets the breakpoint in a script, if it was made of FILE. A source map only tells where a place in the script comes
 * from. So every place is asked, and the first one that comes from the line is taken.
 * @param {{ scriptId: string, url: string, sourceMapURL?: string }} script
 * @param {string} [thread]
 */
function setBreakpoint({ scriptId, url, sourceMapURL }, thread) {
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
  const location = { scriptId, lineNumber: generated.n, columnNumber: generated.index }
  asked.add(send('Debugger.setBreakpoint', { location }, thread))
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
