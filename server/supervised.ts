/**
 * Answers the supervisor (launcher/supervisor.mjs), where there is one, which asks whether this process still works. A
 * process that does not answer for 10 s is killed and started again. `onGone` is called when the supervisor itself was
 * killed, because then nobody else would stop this process.
 */
export function answerSupervisor(onGone: () => void): void {
  if (!process.channel) return
  process.on('message', (message: { type?: string } | null) => {
    if (message?.type === 'ping') process.send?.({ type: 'pong' })
  })
  process.once('disconnect', onGone)
  // An open channel would keep the process alive. Only its work should.
  process.channel.unref()
}

/** True for a process that a supervisor started, which starts it again when it ends. */
export const isSupervised = (): boolean => process.channel !== undefined && process.channel !== null

/** Tells the supervisor that this process is ready to serve. */
export function tellReady(): void {
  process.send?.({ type: 'ready' })
}
