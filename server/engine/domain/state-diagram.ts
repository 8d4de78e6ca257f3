import { AMENDABLE_STATUSES, FINAL_STATUSES, isFinal, JOB_STATUSES, TRANSITIONS } from './state'
import type { JobStatus } from './types'

/** What each status means to a person, and why a job leaves it. The table of transitions is in state.ts. */
const MEANING: Record<JobStatus, string> = {
  PENDING: 'Durable in PostgreSQL; waits for its time, its parents, capacity, or the end of a pause',
  QUEUED: 'Handed to BullMQ under a new `dispatch` number; waits for a worker',
  RUNNING: 'A worker holds its lease under a new `attempt` number',
  COMPLETED: 'Its handler returned; the result is kept',
  FAILED: 'The attempt ended with a transient error; waits for its retry',
  TIMED_OUT: 'The attempt took longer than allowed; waits for its retry',
  CANCELED:
    'Stopped by a person, a service, or the next run of its schedule; a running one only after its handler had really ended',
  DEAD_LETTER:
    'Given up: permanent error, retries used up, worker lost 5 times, a job that it waits for died or was canceled, its organization was deleted, or its submitter may no longer run it',
}

/** Why a transition happens, where the names of its two statuses do not say it. */
const REASONS: Partial<Record<`${JobStatus}>${JobStatus}`, string>> = {
  'PENDING>QUEUED': 'dispatched',
  'PENDING>DEAD_LETTER': 'parent died or was canceled, or organization deleted',
  'QUEUED>RUNNING': 'claimed',
  'QUEUED>PENDING': 'lost, handed back or not admitted',
  'QUEUED>DEAD_LETTER': 'organization deleted, or submitter no longer permitted',
  'RUNNING>COMPLETED': 'returned',
  'RUNNING>FAILED': 'transient error',
  'RUNNING>TIMED_OUT': 'timeout',
  'RUNNING>PENDING': 'drained or worker lost',
  'RUNNING>DEAD_LETTER': 'permanent error, retries used up, worker lost 5 times, or organization deleted',
  'FAILED>QUEUED': 'retry due',
  'FAILED>PENDING': 'retried now',
  'FAILED>DEAD_LETTER': 'organization deleted',
  'TIMED_OUT>QUEUED': 'retry due',
  'TIMED_OUT>PENDING': 'retried now',
  'TIMED_OUT>DEAD_LETTER': 'organization deleted',
  'CANCELED>PENDING': 'retried',
  'DEAD_LETTER>PENDING': 'retried, or brought back when the job of which it died is retried',
}

/** The whole text of docs/state-machine.md, made from the table in state.ts. */
export function stateMachineMarkdown(): string {
  return `# The state machine of a job

<!-- Made by server/engine/domain/state-diagram.ts (the words) from state.ts (the table). To write it anew:
     UPDATE_DOCS=1 npx vitest run server/engine/domain/state.test.ts -->

Every change of status goes through one function (\`server/engine/store/transition.ts\`), which refuses
what is not listed here and writes the ExecutionLog row in the same transaction.

\`\`\`mermaid
stateDiagram-v2
  [*] --> PENDING : submitted
${diagramLines().join('\n')}
\`\`\`

| from | to |
|---|---|
| (new) | PENDING |
${JOB_STATUSES.map((from) => `| ${from} | ${TRANSITIONS[from].map((to) => withReason(from, to)).join(', ') || 'none'} |`).join('\n')}

| status | means | unfinished |
|---|---|---|
${JOB_STATUSES.map((status) => `| ${status} | ${MEANING[status]} | ${isFinal(status) ? 'no' : 'yes'} |`).join('\n')}

Final are ${FINAL_STATUSES.join(', ')}. COMPLETED is never left. A person can retry the other two; a retry also brings back what died with the job.

## Changes that are no transitions

A person can change a job while it is ${AMENDABLE_STATUSES.join(', ').replace(/, ([^,]*)$/, ' or $1')}: its priority, time, parameters, retries or timeout
(\`jobs.update\`). It stays in its status, and its history gets an amendment: a row with the same status on
both sides, which no transition has, and a message that says what changed. Viewers get it as an event like any
other; it means: read the job again.

## The numbers that fence

- \`dispatch\` rises by one each time a job becomes QUEUED. A message of an older dispatch is refused at its claim.
- \`attempt\` rises by one at every claim and is never reused, also after a hand-back, a lost worker or a retry by
  a person. Only the holder of the present attempt can report progress or an outcome.
- \`failures\` counts FAILED and TIMED_OUT attempts; the number of retries and the backoff look at it. A retry by a
  person sets it to 0; a drained or lost attempt does not count.
`
}

function diagramLines(): string[] {
  const lines: string[] = []
  for (const from of JOB_STATUSES) {
    for (const to of TRANSITIONS[from]) {
      const reason = REASONS[`${from}>${to}`]
      lines.push(`  ${from} --> ${to}${reason ? ` : ${reason}` : ''}`)
    }
    if (TRANSITIONS[from].length === 0) lines.push(`  ${from} --> [*]`)
  }
  return lines
}

function withReason(from: JobStatus, to: JobStatus): string {
  const reason = REASONS[`${from}>${to}`]
  return reason ? `${to} (${reason})` : to
}
