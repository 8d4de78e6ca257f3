import { STATUS_META } from '@/app/_components/job-status'

type Part = { text: string } | { jobId: string }

const ID = /([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/
// The order of the names does not matter, because no name is the beginning of another.
const STATUS = new RegExp(`\\b(${Object.keys(STATUS_META).join('|')})\\b`, 'g')

/** Splits a sentence of the engine into ids of jobs and text. In the text, statuses become plain words. */
export const proseParts = (sentence: string): Part[] =>
  sentence
    .split(ID)
    .map((part, i) =>
      i % 2 === 1
        ? { jobId: part }
        : { text: part.replace(STATUS, (name) => STATUS_META[name as keyof typeof STATUS_META].label.toLowerCase()) },
    )
    .filter((part) => 'jobId' in part || part.text !== '')
