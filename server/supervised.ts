/**
 * Tells the supervisor (launcher/supervisor.mjs), where there is one, that the event loop of this process
 * still turns: silent for 10 s, it is killed and started again. `onGone` is called when the supervisor itself was killed:
 * nobody would stop this process.
 */
export function answerSupervisor(onGone: () => void): void {
  if (!process.channel) return
  process.on('message', (message: { type?: string } | null) => {
    if (message?.type === 'ping') process.send?.({ type: 'pong' })
  })
  process.once('disconnect', onGone)
  // Listening keeps the channel, and with it the process, alive; its work alone should decide that.
  process.channel.unref()
}

/** Tells the supervisor that this process serves from now on. */
export function tellReady(): void {
  process.send?.({ type: 'ready' })
}
