/** Tells which keys work in the table. It is shown where there is room for it. */
export function KeyHints({ selects, runs }: { selects: boolean; runs: boolean }) {
  return (
    <p className="hidden md:block">
      <Key>j</Key> <Key>k</Key> move, <Key>Enter</Key> opens,{' '}
      {selects ? (
        <>
          <Key>x</Key> selects,{' '}
        </>
      ) : null}
      {runs ? (
        <>
          <Key>r</Key> runs again,{' '}
        </>
      ) : null}
      <Key>/</Key> searches, <Key>?</Key> shows all keys
    </p>
  )
}

const Key = ({ children }: { children: string }) => (
  <kbd className="rounded-sm border border-line bg-surface px-1 font-mono text-2xs text-muted">{children}</kbd>
)
