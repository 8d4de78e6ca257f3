import { VisibleText } from '@/app/_components/visible-text'

/** The problems that belong to no field of the form. The list can take the focus, as a field with a problem does. */
export function ProblemList({ problems }: { problems: readonly [path: string, message: string][] }) {
  if (problems.length === 0) return null
  return (
    <div role="alert" tabIndex={-1} data-problems className="mb-4 rounded bg-danger-soft px-3 py-2 text-sm text-danger">
      <ul className="grid gap-1">
        {problems.map(([path, message]) => (
          <li key={path} className="wrap-anywhere">
            {path ? (
              <span className="font-mono">
                <VisibleText text={path} />
              </span>
            ) : (
              'As a whole:'
            )}{' '}
            <VisibleText text={message} />
          </li>
        ))}
      </ul>
    </div>
  )
}
