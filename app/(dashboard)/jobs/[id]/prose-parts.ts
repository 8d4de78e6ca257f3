import { statusWords } from '@/app/_components/prose-words'

type Part = { text: string } | { jobId: string }

const ID = /([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/

/** A sentence of the engine in parts: ids of jobs, and text in which statuses are words. */
export const proseParts = (sentence: string): Part[] =>
  sentence
    .split(ID)
    .map((part, i) => (i % 2 === 1 ? { jobId: part } : { text: statusWords(part) }))
    .filter((part) => 'jobId' in part || part.text !== '')
