import { hashKey } from '@tanstack/react-query'
import { createTRPCUntypedClient, httpBatchStreamLink, type TRPCLink } from '@trpc/client'
import { observable } from '@trpc/server/observable'
import type { AppRouter } from '@/server/api/root'

// The answers to what a page asks first. A script of a few lines asks while the page's own script is still loading
// (early-questions.tsx), and the link takes the answers from there.

export interface Question {
  /** The procedure, for instance `jobs.list`. */
  path: string
  input: unknown
}
interface Asked {
  /** When it was asked, in milliseconds since the page began. */
  at: number
  questions: Question[]
  answer: Promise<Response>
}
declare global {
  interface Window {
    /** What the script of the page has asked so far. */
    jobyardEarly?: Asked[]
  }
}

/** Where the API is. */
export const API_PATH = '/api/trpc'
/**
 * An answer is used for at most this many milliseconds after the script asked. Whoever asks later wants a newer one.
 */
export const FRESH_MS = 10_000

/**
 * The text of a script that asks these questions in one request, as `httpBatchStreamLink` would. It also catches,
 * because a failed fetch must not count as unhandled before anybody asks.
 */
export function earlyScript(questions: readonly Question[]): string {
  const inputs = Object.fromEntries(questions.flatMap(({ input }, n) => (input === undefined ? [] : [[n, input]])))
  const url = `${API_PATH}/${questions.map(({ path }) => path).join()}?${new URLSearchParams({ batch: '1', input: JSON.stringify(inputs) })}`
  // `<` could end the script.
  const text = (value: unknown) => JSON.stringify(value).replaceAll('<', '\\u003c')
  return `(window.jobyardEarly??=[]).push({at:performance.now(),questions:${text(questions)},answer:fetch(${text(url)},{headers:{'trpc-accept':'application/jsonl'}})});window.jobyardEarly.at(-1).answer.catch(()=>{})`
}

/**
 * A link that answers a question once from what the script of the page has asked. Other questions go on to the next
 * link, and so does one whose early answer failed.
 */
export function earlyAnswersLink(): TRPCLink<AppRouter> {
  const answers = new Map<string, Early>()
  return () =>
    ({ op, next }) => {
      // React may make a link and throw it away. So the answers are taken when the first question is asked.
      if (typeof window !== 'undefined') takeAnswers(window.jobyardEarly?.splice(0) ?? [], answers)
      const key = keyOf(op)
      const early = op.type === 'query' ? answers.get(key) : undefined
      answers.delete(key)
      if (!early || isOld(early.at)) return next(op)
      return observable((observer) => {
        // True once whoever asked no longer wants the answer.
        let isOver = false
        let stop = () => {
          isOver = true
        }
        early.answer.then(
          (data) => {
            if (isOver) return
            observer.next({ result: { type: 'data', data } })
            observer.complete()
          },
          () => {
            if (isOver) return
            const { unsubscribe } = next(op).subscribe(observer)
            stop = unsubscribe
          },
        )
        return () => stop()
      })
    }
}

const keyOf = ({ path, input }: Question) => hashKey([path, input])

interface Early {
  at: number
  answer: Promise<unknown>
}

/** Adds the answers that are on their way, by the question, and forgets those that are too old. */
function takeAnswers(asked: readonly Asked[], answers: Map<string, Early>): void {
  for (const [key, { at }] of answers) if (isOld(at)) answers.delete(key)
  for (const { at, questions, answer } of asked) {
    // This client reads the answer that the script got. Questions that are asked of it in one go become one batch, in
    // the order in which the script asked them.
    const client = createTRPCUntypedClient<AppRouter>({
      links: [httpBatchStreamLink({ url: API_PATH, fetch: () => answer })],
    })
    for (const question of questions) {
      const one = client.query(question.path, question.input)
      // Without this, a failure would count as unhandled where nobody asks this question.
      one.catch(() => undefined)
      answers.set(keyOf(question), { at, answer: one })
    }
  }
}

const isOld = (at: number) => performance.now() > at + FRESH_MS
