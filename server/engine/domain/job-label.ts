import { jobTitle, type Titled } from './job-title'
import { textsIn, wordsOf } from './search-words'
import type { Json } from './types'

/** Lists show the last characters of a job's id, this many. */
const SHOWN_OF_ID = 8

export interface JobLabel {
  title: string
  /** The words of the title and of the parameters, and the end of the id as lists show it. */
  words: string[]
  /** How many of the words are the title's. They come first. */
  titleWords: number
}

/**
 * The title that a job is shown with, and the words that find it. Everybody who may see the job reads them, so `masked`
 * are the parameters without sensitive values.
 */
export function jobLabel(type: Titled, jobId: string, masked: Json): JobLabel {
  const title = jobTitle(type, masked)
  const words = wordsOf([title, ...textsIn(masked)])
  // Nobody looks for a part of the id, so its end is one word. It stands last, after the words of the title.
  const all = new Set([...words, jobId.slice(-SHOWN_OF_ID).toLowerCase()])
  return { title, words: [...all], titleWords: wordsOf([title]).length }
}
