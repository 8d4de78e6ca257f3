import type { OrganizationQueries } from '@/server/engine/reports'
import { isUuid } from '@/server/engine/domain/uuid'
import { openUploadStore, type StorageSettings } from '@/server/storage'
import { PermanentError, type HandlerContext } from '../handler'

/** How a handler reads files that were uploaded to its own organization, and to no other. */
export function uploadReader(
  organizationId: string,
  { storage, keepUpload }: { storage: StorageSettings } & Pick<OrganizationQueries, 'keepUpload'>,
): HandlerContext['upload'] {
  return async (uploadId) => {
    const upload = isUuid(uploadId) ? await keepUpload(uploadId.toLowerCase()) : null
    if (!upload)
      throw new PermanentError(
        `There is no upload ${uploadId.slice(0, 100)} in this organization, or not all of it has come. Uploads that nobody needs go after a day: upload the file again.`,
      )
    const { id, name, contentType, received: size, segments } = upload
    const store = openUploadStore(storage)
    return {
      id,
      name,
      contentType,
      size,
      read: (from = 0) => store.read({ organizationId, uploadId: id }, segments, from),
    }
  }
}
