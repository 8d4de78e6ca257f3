-- Files that people and services upload for jobs to read. The bytes lie in storage, in pieces that `segments` names:
-- [{id, size}], in their order. The row is written before the first piece and removed after the last.
CREATE TABLE "uploads" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "name" TEXT,
    "content_type" TEXT NOT NULL,
    "size" BIGINT,
    "received" BIGINT NOT NULL DEFAULT 0,
    "segments" JSONB NOT NULL DEFAULT '[]',
    "created_by" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "touched_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "completed_at" TIMESTAMPTZ(3),
    "removed_at" TIMESTAMPTZ(3),

    CONSTRAINT "uploads_pkey" PRIMARY KEY ("id")
);
ALTER TABLE "uploads"
  ADD CONSTRAINT "uploads_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE CASCADE ON UPDATE CASCADE,
  ADD CONSTRAINT "uploads_size_check" CHECK ("received" >= 0 AND ("size" IS NULL OR "received" <= "size")),
  ADD CONSTRAINT "uploads_completed_check" CHECK ("completed_at" IS NULL OR "received" = "size");
CREATE INDEX "uploads_organization_id_idx" ON "uploads"("organization_id");
CREATE INDEX "uploads_touched_at_idx" ON "uploads"("touched_at");
