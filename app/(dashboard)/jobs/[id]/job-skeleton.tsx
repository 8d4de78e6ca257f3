/** The grey shape of a job's page while the job is being read. */
export function JobSkeleton() {
  return (
    <div aria-busy="true" aria-label="Loading the job">
      <span className="skeleton block h-4 w-16" />
      <span className="skeleton mt-3 block h-7 w-72 max-w-full" />
      <span className="skeleton mt-3 block h-4 w-48" />
      <div className="mt-4 grid gap-4 xl:grid-cols-aside">
        <div className="grid gap-4">
          <span className="skeleton block h-40" />
          <span className="skeleton block h-56" />
        </div>
        <span className="skeleton block h-80" />
      </div>
    </div>
  )
}
