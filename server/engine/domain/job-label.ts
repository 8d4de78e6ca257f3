import { jobTitle, type Titled } from './job-title'
import { textsIn, wordsOf } from './search-words'
import type { Json } from './types'

/** Of a job's id this is shown in lists. */
const SHOWN_OF_ID = 8

export interface JobLabel {
  title: string
  /** Those of the title, of the parameters, and the end of the id as lists show it. */
  words: string[]
  /** So many of these, the first, are the title's. */
  titleWords: number
}

/** What a job is called and found by. Everybody who may see the job reads it: `masked` are the parameters without what is sensitive. */
export function jobLabel(type: Titled, jobId: string, masked: Json): JobLabel {
  const title = jobTitle(type, masked)
  const words = wordsOf([title, ...textsIn(masked)])
  // Nobody looks for a part of the id, so its end is one word. It stands last, after the words of the title.
  const all = new Set([...words, jobId.slice(-SHOWN_OF_ID).toLowerCase()])
  return { title, words: [...all], titleWords: wordsOf([title]).length }
}
