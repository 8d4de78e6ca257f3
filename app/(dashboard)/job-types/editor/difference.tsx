import { FromTo } from '@/app/_components/difference/from-to'
import { Lines } from '@/app/_components/difference/lines'
import { differenceOf, type Changed, type Config } from './settings'

/** The settings that differ, one by one. A schema is compared line by line. */
export function Difference({ before, after }: { before: Config; after: Config }) {
  const changed = differenceOf(before, after)
  if (changed.length === 0) return <p className="text-sm text-faint">Nothing is different.</p>
  return (
    <ul aria-label="Difference" className="grid gap-2 text-sm">
      {changed.map((one) => (
        <li key={one.setting.path}>
          {one.setting.path === 'parameterSchema' ? (
            <Lines label={one.setting.label} from={one.from} to={one.to} />
          ) : (
            <OneLine {...one} />
          )}
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
