import type { Refusal } from '@/server/engine'
import type { z } from './schemas/zod'

/**
 * What the reference (`/api/docs`) and the OpenAPI document tell about a procedure, apart from its schemas. Every
 * procedure has this, and a test fails if it is missing.
 */
export interface ProcedureMeta {
  /** What the procedure does, in one line without a full stop. */
  summary: string
  /**
   * What the procedure means, in which units it counts, and what a caller must know before relying on it. Blank lines
   * separate paragraphs. Code stands in backticks.
   */
  description: string
  /** The reasons for which it may refuse, apart from those of any call (`openapi/refusals.ts`). */
  refuses?: readonly Refusal[]
  /**
   * An input that is accepted if its ids exist. The reference uses it as an example. Missing if the procedure needs no
   * input.
   */
  example?: { [field: string]: unknown }
  /** The data of each event, for a subscription. */
  event?: z.ZodType
}

/** Ids that the examples share, so that the examples fit together. */
export const EXAMPLE = {
  organizationId: '01977a2e-6d40-7b31-9c55-2f0c6b1d8a90',
  jobId: '01977a31-0c5e-7f02-8a4d-5b9e7c3f1d26',
  otherJobId: '01977a31-0c5e-7f03-b1c8-90d2e4a6f817',
  bulkId: '01977a33-41d0-7a56-8b2e-6c0f9d3e7a18',
  requestId: '01977a33-9e21-7c4d-a5b7-3d8f1e6c2b90',
  scheduleId: '01977a34-5d17-7e4a-8b30-2c9f6a1e8d75',
  ruleId: '01977a34-7a42-7d1b-9c63-5e8b2f0a4d19',
  viewId: '01977a34-2b6e-7c18-9d40-7e1b5a8f3c62',
  memberId: '01977a2f-10b7-7e64-a3d9-4b8c5f0e2d71',
  auditId: '01977a35-3f0d-7b24-8c91-6a2e4d7f9b05',
  apiKeyId: '01977a2f-8c3a-7d12-b6e4-1f9a7c5d3b08',
  uploadId: '01977a36-1c8f-7b53-a2d7-4e9b0c6f8a31',
} as const
