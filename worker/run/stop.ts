/** Why a running handler is told to stop. */
export type StopKind = 'cancel' | 'timeout' | 'lost' | 'drain'

const MESSAGES: Record<StopKind, string> = {
  cancel: 'The job was canceled.',
  timeout: 'The job took longer than its timeout.',
  lost: 'This worker no longer holds the job.',
  drain: 'The worker is shutting down.',
}

/** `signal.reason` in a handler. Throwing it is the right way to stop. */
export class JobStopped extends Error {
  override readonly name = 'JobStopped'
  constructor(readonly kind: StopKind) {
    super(MESSAGES[kind])
  }
}

/**
 * How many milliseconds a handler may go on after its signal before its thread is ended (rule 4.4 gives the 5 s of a
 * cancel). With a lost lease it is ended at once: the worker gives up 10 s after the last renewal, and 5 s later
 * another may run the job. In a drain less time is left, because the supervisor kills the worker 8 s after
 * DRAIN_SECONDS (launcher/children.mjs), and the outcome has to be written before.
 */
export const GRACE_MS: Record<StopKind, number> = { cancel: 5_000, timeout: 5_000, lost: 0, drain: 2_000 }
/**
 * The same in the worker's own thread, where only the end of the whole process ends a handler. So a handler whose lease
 * is lost gets some time of the 5 s that are left.
 */
export const INLINE_GRACE_MS: Record<StopKind, number> = { ...GRACE_MS, lost: 3_000 }
