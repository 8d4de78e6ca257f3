/**
 * An error that ends a command, such as `npm start`, with one clear line instead of a stack: wrong settings, a busy
 * port, a failed step.
 */
export class Refusal extends Error {
  /**
   * @param {string} message one line that names the thing and the way out
   * @param {string} [details] shown above it, such as the end of a failed command's output
   */
  constructor(message, details = '') {
    super(message)
    this.name = 'Refusal'
    this.details = details
  }
}

// The reader of our output may end first: `| tee` at Ctrl-C, or a terminal that is closed. Output after that is lost,
// but nothing else must be. Without a listener, the error would end this process before the processes that it started.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (/** @type {NodeJS.ErrnoException} */ error) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error
  })
}

let asJson = false

/**
 * From now on what this process says is lines of JSON, as those of the processes that it keeps running. It is for
 * production, where a collector of logs reads them and not a person.
 */
export function sayAsJson() {
  asJson = true
}

/** @param {string} line one that begins with `!` says that something is wrong */
export const say = (line) => process.stdout.write(`${asJson ? toJson(line) : line}\n`)

/** @param {string} line */
const toJson = (line) =>
  JSON.stringify({
    level: line.startsWith('!') ? 'warn' : 'info',
    time: new Date().toISOString(),
    pid: process.pid,
    part: 'launcher',
    msg: line.replace(/^! /, ''),
  })

/**
 * Prints what is being done, that it still goes on when it takes long, and how long it took.
 * @template T
 * @param {string} title
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  const from = Date.now()
  const seconds = () => Math.round((Date.now() - from) / 1000)
  say(`• ${title} …`)
  const timer = setInterval(() => say(`  still at it: ${title} (${seconds()} s)`), 15_000)
  try {
    const result = await work()
    if (seconds() >= 2) say(`  done in ${seconds()} s`)
    return result
  } finally {
    clearInterval(timer)
  }
}

/**
 * The last lines of a command's output, for a failure's details.
 * @param {string} text
 */
export const tail = (text, lines = 25) => text.trimEnd().split('\n').slice(-lines).join('\n')

/**
 * Prints an error in the form that its reader needs, and ends the process with 1.
 * @param {unknown} error
 * @returns {never}
 */
export function fail(error) {
  if (error instanceof Refusal) {
    process.stderr.write(`${error.details ? `${error.details}\n\n` : ''}jobyard: ${error.message}\n`)
  } else {
    process.stderr.write(`jobyard: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  }
  process.exit(1)
}
