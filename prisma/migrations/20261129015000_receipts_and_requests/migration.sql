-- A bulk action of any size is kept, with the audit entry that belongs to it.
ALTER TABLE "bulk_actions" ADD COLUMN "audit_id" UUID;

-- What somebody may not do themselves, they ask an admin of the organization to do.
CREATE TYPE "RequestKind" AS ENUM ('CANCEL', 'RETRY', 'DELETE', 'PAUSE', 'RESUME', 'CLOSE_CIRCUIT');
CREATE TYPE "RequestStatus" AS ENUM ('OPEN', 'DONE', 'DECLINED', 'WITHDRAWN', 'EXPIRED');

CREATE TABLE "requests" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "kind" "RequestKind" NOT NULL,
    "status" "RequestStatus" NOT NULL DEFAULT 'OPEN',
    "filter" JSONB,
    "matched" INTEGER,
    "job_type" TEXT,
    "reason" TEXT NOT NULL,
    "asked_by" JSONB NOT NULL,
    "asked_by_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_by" JSONB,
    "ended_at" TIMESTAMPTZ(3),
    "end_reason" TEXT,
    "bulk_id" UUID,

    CONSTRAINT "requests_pkey" PRIMARY KEY ("id")
);
ALTER TABLE "requests"
  ADD CONSTRAINT "requests_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE CASCADE ON UPDATE CASCADE,
  ADD CONSTRAINT "requests_ended_check" CHECK (("status" = 'OPEN') = ("ended_at" IS NULL)),
  ADD CONSTRAINT "requests_jobs_check" CHECK (("kind" IN ('CANCEL', 'RETRY', 'DELETE')) = ("matched" IS NOT NULL));
CREATE INDEX "requests_organization_id_id_idx" ON "requests"("organization_id", "id" DESC);
CREATE INDEX "requests_bulk_id_idx" ON "requests"("bulk_id");
-- The open ones: their number stands in the navigation, and the leader ends those whose time is over.
CREATE INDEX "requests_open" ON "requests" ("organization_id", "asked_by_id") WHERE "status" = 'OPEN';

-- The jobs that an open request is about, fixed when it was made. They go when the request ends.
CREATE TABLE "request_items" (
    "request_id" UUID NOT NULL,
    "job_id" UUID NOT NULL,

    CONSTRAINT "request_items_pkey" PRIMARY KEY ("request_id","job_id")
);
ALTER TABLE "request_items" ADD CONSTRAINT "request_items_request_id_fkey" FOREIGN KEY ("request_id") REFERENCES "requests"("id") ON DELETE CASCADE ON UPDATE CASCADE;
