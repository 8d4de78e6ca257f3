import { errorWords } from './prose-words'
import { VisibleText } from './visible-text'

/**
 * The message of an error. The parts that differ from job to job (‹id›, ‹host›) are grey. `split` keeps what its group
 * has matched, so these parts are those at the odd places.
 */
export function ErrorPattern({ text }: { text: string }) {
  return errorWords(text)
    .split(/(‹[^‹›]*›)/)
    .map((part, index) =>
      index % 2 === 1 ? (
        <span key={index} className="font-normal text-faint">
          <VisibleText text={part} />
        </span>
      ) : part === '' ? null : (
        <VisibleText key={index} text={part} />
      ),
    )
}
