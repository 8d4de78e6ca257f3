import { useQuery } from '@tanstack/react-query'
import type { Json } from '@/app/_components/forms/json'
import { useTRPC, useTRPCClient } from '@/app/_trpc/client'
import type { Job } from '@/app/_trpc/types'

/**
 * The parameters of a job with every sensitive value masked, whoever reads. Undefined while they are being read. They
 * are read again when the job has got other parameters.
 */
export function useMasked(job: Pick<Job, 'id' | 'parameters'> | undefined) {
  const trpc = useTRPC()
  const client = useTRPCClient()
  const input = { jobId: job?.id ?? '', masked: true }
  return useQuery({
    queryKey: [...trpc.jobs.get.queryKey(input), identityOf(job?.parameters as Json | undefined)],
    queryFn: ({ signal }) => client.jobs.get.query(input, { signal }),
    enabled: job !== undefined,
    staleTime: 60_000,
    select: ({ parameters }) => parameters as Json,
  })
}

const identities = new WeakMap<object, number>()
let last = 0

/**
 * Tells parameters apart without comparing them, because they may be large. A job that is read again keeps the object of
 * its parameters while they are equal (structural sharing of TanStack Query).
 */
function identityOf(parameters: Json | undefined): unknown {
  if (typeof parameters !== 'object' || parameters === null) return parameters
  const known = identities.get(parameters) ?? ++last
  identities.set(parameters, known)
  return known
}
