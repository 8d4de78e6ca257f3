import { answerUpload } from '@/server/api/uploads/route'

export const dynamic = 'force-dynamic'

export {
  answerUpload as DELETE,
  answerUpload as GET,
  answerUpload as HEAD,
  answerUpload as OPTIONS,
  answerUpload as PATCH,
  answerUpload as POST,
  answerUpload as PUT,
}
