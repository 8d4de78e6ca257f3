import { statusWords } from './prose-words'
import { VisibleText } from './visible-text'

/** An error's message, with what varies from job to job (‹id›, ‹host›) in grey. */
export function ErrorPattern({ text }: { text: string }) {
  return statusWords(text)
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
