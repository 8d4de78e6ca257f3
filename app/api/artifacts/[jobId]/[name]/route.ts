import { sendArtifact } from '@/server/api/artifact'
import { getServices } from '@/server/api/services'
import { getEnv } from '@/server/env'
import { openArtifactStore, type ArtifactStore } from '@/server/storage'

export const dynamic = 'force-dynamic'

let storage: ArtifactStore | undefined

async function answer(request: Request, { params }: { params: Promise<{ jobId: string; name: string }> }): Promise<Response> {
  storage ??= openArtifactStore({ directory: getEnv().STORAGE_DIR })
  return sendArtifact(request, await params, { services: getServices(), storage })
}

export { answer as GET, answer as HEAD }
