import type { Job } from '@/app/_trpc/types'

/** Why an export that has ended shows no file, as a sentence. */
export function whyNoFile({ status, error, withheld }: Pick<Job, 'status' | 'error' | 'withheld'>): string {
  if (status === 'COMPLETED')
    return withheld
      ? 'The file is written, and withheld while the organization is suspended.'
      : 'The export ended without a file.'
  if (status === 'CANCELED') return 'The export was canceled, so there is no file.'
  return `The export ended without a file: ${error?.message ?? 'it failed'}`
}
