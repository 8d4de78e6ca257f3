import { cn } from './cn'
import { CopyButton } from './copy-button'

/**
 * The end of a job's id. The beginning holds the time and is alike for jobs of the same minute.
 * `quiet` hides the copy button until the row (class `group`) has the pointer or the button has the focus. In a list,
 * fifty buttons would be too many.
 */
export function JobId({ id, quiet }: { id: string; quiet?: boolean }) {
  return (
    <span className="inline-flex items-center gap-0.5 align-middle">
      <span className="font-mono text-xs text-muted" title={id}>
        {id.slice(-8)}
      </span>
      <CopyButton
        text={id}
        label="Copy job id"
        className={cn(
          'relative z-10 size-6! text-faint [&_svg]:size-3.5!',
          quiet && 'opacity-0 group-hover:opacity-100 focus-visible:opacity-100 pointer-coarse:opacity-100',
        )}
      />
    </span>
  )
}
