'use client'

import { Fragment } from 'react'
import { VisibleText } from '@/app/_components/visible-text'
import { proseParts } from './prose-parts'
import { JobLink } from './job-link'

/**
 * Shows an error or a message of a job. In a sentence of the engine about another job, its id is a link, with the title
 * where it is known. All other text is shown as it is.
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
