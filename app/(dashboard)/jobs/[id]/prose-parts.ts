import { namesOtherJob, statusWords } from '@/app/_components/prose-words'
import { UUID_FORM } from '@/server/engine/domain/uuid'

type Part = { text: string } | { jobId: string }

const ID = new RegExp(`(${UUID_FORM})`)

/**
 * Splits a sentence of the engine about another job into the id of that job and text. In the text, statuses become plain
 * words. What a handler or a person wrote stays as it is, in one part.
 */
export const proseParts = (sentence: string): Part[] =>
  namesOtherJob(sentence)
    ? sentence
        .split(ID)
        .map((part, i) => (i % 2 === 1 ? { jobId: part } : { text: statusWords(part) }))
        .filter((part) => 'jobId' in part || part.text !== '')
    : [{ text: sentence }]
