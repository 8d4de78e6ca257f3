import { cn } from '../cn'
import { VisibleText } from '../visible-text'
import { foldEqualLines, lineDiff } from './line-diff'

const SIGN = { same: ' ', gone: '−', new: '+' } as const
const SAID = { same: '', gone: 'gone: ', new: 'new: ' } as const

/** Shows how two texts differ, line by line. Long runs of equal lines are folded. */
export function Lines({ label, from, to }: { label: string; from: string; to: string }) {
  return (
    <>
      <span className="text-muted">{label}</span>
      <div
        role="group"
        aria-label={`Difference of ${label}`}
        tabIndex={0}
        className="mt-1 max-h-72 overflow-auto rounded border border-line bg-sunken py-1 font-mono text-xs/5"
      >
        {foldEqualLines(lineDiff(from, to)).map((line, at) =>
          line.kind === 'folded' ? (
            <div key={at} className="px-2 text-faint">
              ⋯ {line.count} equal {line.count === 1 ? 'line' : 'lines'}
            </div>
          ) : (
            <div
              key={at}
              className={cn(
                'w-max min-w-full px-2 whitespace-pre',
                line.kind === 'gone' && 'bg-danger-soft text-danger',
                line.kind === 'new' && 'bg-completed-soft text-completed',
              )}
            >
              <span className="sr-only">{SAID[line.kind]}</span>
              <span aria-hidden className="mr-2 select-none">
                {SIGN[line.kind]}
              </span>
              <VisibleText text={line.text} />
            </div>
          ),
        )}
      </div>
    </>
  )
}
