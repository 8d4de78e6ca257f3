import { cn } from './cn'

/** The state of something that is no job: a bulk action, a request. */
export const StatePill = ({ label, soft, state }: { label: string; soft: string; state: string }) => (
  <span
    data-state={state}
    className={cn('inline-flex items-center rounded-full px-2 py-0.5 text-xs font-medium whitespace-nowrap', soft)}
  >
    {label}
  </span>
)
