import { cn } from './cn'
import { CopyButton } from './copy-button'

/**
 * A job's id, short: its end, since the beginning is the time and alike for jobs of the same minute.
 * `quiet`: in rows (class `group`), where fifty copy buttons would be noise, it shows on hover and focus.
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
