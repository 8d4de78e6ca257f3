import { ArrowRight } from 'lucide-react'
import { cn } from '@/app/_components/cn'
import { VisibleText } from '@/app/_components/visible-text'
import { foldSame, lineDiff } from './line-diff'
import { differenceOf, type Changed, type Config } from './settings'

/** What differs in `after`, setting by setting. A schema is compared line by line. */
export function Difference({ before, after }: { before: Config; after: Config }) {
  const changed = differenceOf(before, after)
  if (changed.length === 0) return <p className="text-sm text-faint">Nothing is different.</p>
  return (
    <ul aria-label="Difference" className="grid gap-2 text-sm">
      {changed.map((one) => (
        <li key={one.setting.path}>
          {one.setting.path === 'parameterSchema' ? <Lines {...one} /> : <OneLine {...one} />}
        </li>
      ))}
    </ul>
  )
}

function OneLine({ setting, from, to }: Changed) {
  return (
    <div className="grid gap-x-4 sm:grid-cols-[13rem_minmax(0,1fr)]">
      <span className="text-muted">{setting.label}</span>
      <FromTo from={from} to={to} />
    </div>
  )
}

/** "2 → 5". Said as "from 2 to 5" to those who cannot see the arrow. */
export function FromTo({ from, to }: { from: string; to: string }) {
  return (
    <span className="wrap-anywhere">
      <span className="sr-only">from </span>
      <span className="text-muted line-through decoration-faint">
        <VisibleText text={from} />
      </span>
      <ArrowRight aria-hidden className="mx-1.5 inline size-3.5 text-faint" />
      <span className="sr-only"> to </span>
      <span className="font-medium">
        <VisibleText text={to} />
      </span>
    </span>
  )
}

const SIGN = { same: ' ', gone: '−', new: '+' } as const
const SAID = { same: '', gone: 'gone: ', new: 'new: ' } as const

function Lines({ setting, from, to }: Changed) {
  return (
    <>
      <span className="text-muted">{setting.label}</span>
      <div
        role="group"
        aria-label={`Difference of ${setting.label}`}
        tabIndex={0}
        className="mt-1 max-h-72 overflow-auto rounded border border-line bg-sunken py-1 font-mono text-xs/5"
      >
        {foldSame(lineDiff(from, to)).map((line, at) =>
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
