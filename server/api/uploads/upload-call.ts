import { actorOf, type Principal } from '@/server/auth/principal'
import { beginUpload, EngineError, type Scope } from '@/server/engine'
import type { UploadStore } from '@/server/storage'
import { requireOrganization } from '../authorize'
import type { Services } from '../services'

/** What every request about uploads works with. */
export interface UploadDesk {
  services: Services
  store: UploadStore
  /** Bytes that one upload may have. */
  maxBytes: number
}

/** One request about uploads, whose caller is known. */
export interface UploadCall extends UploadDesk {
  request: Request
  url: URL
  principal: Principal
  scope: Scope
  /** The id in the address. Empty where it names none. */
  uploadId: string
}

/**
 * Makes the row of an upload, where the caller may submit jobs there.
 * @throws EngineError NOT_FOUND, NOT_PERMITTED, ORGANIZATION_SUSPENDED, RATE_LIMITED
 */
export async function beginUploadAsCaller(
  call: UploadCall,
  organizationId: string,
  file: { name: string | null; contentType: string; size: number | null },
): Promise<string> {
  await requireOrganization(call, organizationId, 'jobs.submit')
  const { services, principal, maxBytes } = call
  return beginUpload(services.db, { organizationId, ...file, actor: actorOf(principal), maxBytes })
}

/** The refusal of a request that does not fit the upload as it is. The header `Upload-Offset` says where to go on. */
export const conflict = (message: string, uploadOffset: number): EngineError =>
  Object.assign(new EngineError('CHANGED_MEANWHILE', message), { uploadOffset })
