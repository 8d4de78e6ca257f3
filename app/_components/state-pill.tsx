import { cn } from './cn'

/** The state of something other than a job, such as a bulk action or a request. */
export const StatePill = ({ label, soft, state }: { label: string; soft: string; state: string }) => (
  <span
    data-state={state}
    className={cn('inline-flex items-center rounded-full px-2 py-0.5 text-xs font-medium whitespace-nowrap', soft)}
  >
    {label}
  </span>
)
