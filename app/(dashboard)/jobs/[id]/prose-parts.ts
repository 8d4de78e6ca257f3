import { statusWords } from '@/app/_components/prose-words'
import { UUID_FORM } from '@/server/engine/domain/uuid'

type Part = { text: string } | { jobId: string }

const ID = new RegExp(`(${UUID_FORM})`)

/** Splits a sentence of the engine into ids of jobs and text. In the text, statuses become plain words. */
export const proseParts = (sentence: string): Part[] =>
  sentence
    .split(ID)
    .map((part, i) => (i % 2 === 1 ? { jobId: part } : { text: statusWords(part) }))
    .filter((part) => 'jobId' in part || part.text !== '')
