import { answerArtifact } from '@/server/api/artifact-route'

export const dynamic = 'force-dynamic'

export {
  answerArtifact as DELETE,
  answerArtifact as GET,
  answerArtifact as HEAD,
  answerArtifact as OPTIONS,
  answerArtifact as PATCH,
  answerArtifact as POST,
  answerArtifact as PUT,
}
