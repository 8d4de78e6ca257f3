import { whatDecides, spanWords, type Estimate } from '@/app/_components/waiting/estimate-words'

interface Answer {
  total: number
  estimate: Estimate | null
}

/** How another limit would change the time that the waiting jobs of a type take, as a sentence. */
export function estimateChange(today: Answer, then: Answer): string {
  const { total } = today
  if (total === 0) return 'No job of this type waits, so another limit changes nothing now.'
  const jobs = total === 1 ? 'The job that waits takes' : `The ${total.toLocaleString('en')} jobs that wait take`
  if (today.estimate === null && then.estimate === null)
    return `${total === 1 ? '1 job waits' : `${total.toLocaleString('en')} jobs wait`}. How long is not known: none of this type has run lately, or something else holds them.`
  if (then.estimate === null)
    return `${jobs} ${spanWords(today.estimate!.seconds)} now. With this limit ${total === 1 ? 'it does not go on' : 'none of them goes on'}.`
  const now = today.estimate && spanWords(today.estimate.seconds)
  if (today.estimate !== null && haveTheSameWords(today.estimate.seconds, then.estimate.seconds))
    return `${jobs} ${now} with this limit; ${whatDecides(then.estimate)}.`
  if (today.estimate === null)
    return `${jobs} ${spanWords(then.estimate.seconds)} with this limit; ${whatDecides(then.estimate)}.`
  return `${jobs} ${now}. With this limit: ${spanWords(then.estimate.seconds)}; ${whatDecides(then.estimate)}.`
}

/** True where two times have the same words. An estimate is no more exact than its words. */
const haveTheSameWords = (a: number, b: number) => spanWords(a) === spanWords(b)
