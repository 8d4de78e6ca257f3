'use client'

import { Fragment } from 'react'
import { VisibleText } from '@/app/_components/visible-text'
import { proseParts } from './prose-parts'
import { JobLink } from './job-link'

/**
 * Shows a sentence of the engine to people. Ids of jobs become links, with the title where it is known. Statuses become
 * plain words.
 */
export function Prose({ text, titles }: { text: string; titles?: ReadonlyMap<string, string> }) {
  return proseParts(text).map((part, i) => (
    <Fragment key={i}>
      {'jobId' in part ? (
        <JobLink jobId={part.jobId} title={titles?.get(part.jobId)} />
      ) : (
        <VisibleText text={part.text} />
      )}
    </Fragment>
  ))
}
