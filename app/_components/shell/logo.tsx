/** The logo: a rail yard with three tracks, and a job on its way. */
export function Logo({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" className={className} aria-hidden>
      <rect width="32" height="32" rx="8" className="fill-primary" />
      <path d="M8 10.5h9M8 16h16M8 21.5h12" className="stroke-primary-ink" strokeWidth="3" strokeLinecap="round" />
      <circle cx="23.5" cy="10.5" r="2.75" className="fill-accent" />
    </svg>
  )
}
