import { spawn, type ChildProcess } from 'node:child_process'

/** A process of Node that a test has started. */
export interface StartedProcess {
  child: ChildProcess
  ended: Promise<void>
  hasEnded: () => boolean
  /** What it has written, for the message of a failure. */
  output: () => string
}

/** Starts Node with these arguments, and keeps the end of what it writes. */
export function startNode(args: string[], { cwd, env }: { cwd: string; env: NodeJS.ProcessEnv }): StartedProcess {
  const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  let over = false
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-20_000)))
  const ended = new Promise<void>((resolve) => {
    const noteEnd = (how: string) => {
      if (over) return
      output += `\n${how}`
      over = true
      resolve()
    }
    // Not 'exit': what it wrote last may come after that.
    child.once('close', (code, signal) => noteEnd(`It ended with ${signal ?? code}.`))
    child.once('error', (error) => noteEnd(`It could not be started: ${error.message}`))
  })
  return { child, ended, hasEnded: () => over, output: () => output }
}

/**
 * Waits until a process answers at an address. Where it ends before, or takes longer than a minute, it is killed and
 * the test fails with what the process has written.
 */
export async function untilAnswering(address: string, started: StartedProcess): Promise<void> {
  const deadline = Date.now() + 60_000
  for (;;) {
    const ok = await fetch(address, { signal: AbortSignal.timeout(5_000) }).then(
      (response) => response.ok,
      () => false,
    )
    if (ok) return
    if (started.hasEnded() || Date.now() > deadline) {
      await end(started, 'SIGKILL')
      throw new Error(`${address} does not answer:\n${started.output()}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/**
 * Ends a process. A server that shuts down in good order first waits for its open responses. A test may have left one
 * unread, so the process is killed after 8 s.
 */
export async function end({ child, ended, hasEnded }: StartedProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  if (hasEnded()) return
  child.kill(signal)
  const late = setTimeout(() => child.kill('SIGKILL'), 8_000)
  await ended
  clearTimeout(late)
}
