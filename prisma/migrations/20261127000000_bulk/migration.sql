-- Filters by priority walk an index of job_inputs like the others: without one, a rare priority means
-- reading every job. It changes only by hand.
ALTER TABLE "job_inputs" ADD COLUMN "priority" "JobPriority" NOT NULL DEFAULT 'NORMAL';
UPDATE "job_inputs" i SET "priority" = j."priority" FROM "jobs" j WHERE j."id" = i."job_id" AND j."priority" <> 'NORMAL';
CREATE INDEX "job_inputs_organization_id_priority_job_id_idx" ON "job_inputs"("organization_id", "priority", "job_id" DESC);
-- One kind of error. A job without an error is in it never, so what succeeds pays nothing.
CREATE INDEX "jobs_by_fingerprint" ON "jobs" ("error_fingerprint", "organization_id", "id") WHERE "error_fingerprint" IS NOT NULL;

-- Bulk actions: one decision about many jobs, carried out by the leader in short transactions.

CREATE TYPE "BulkKind" AS ENUM ('CANCEL', 'RETRY', 'DELETE');
CREATE TYPE "BulkStatus" AS ENUM ('RUNNING', 'COMPLETED', 'ABORTED');

CREATE TABLE "bulk_actions" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "kind" "BulkKind" NOT NULL,
    "status" "BulkStatus" NOT NULL DEFAULT 'RUNNING',
    "requested_by_type" "ActorType" NOT NULL,
    "requested_by_id" UUID,
    "requested_by_name" TEXT NOT NULL,
    "address" TEXT,
    "role" "OrgRole" NOT NULL,
    "own_only" BOOLEAN NOT NULL,
    "filter" JSONB,
    "reason" TEXT,
    "matched" INTEGER NOT NULL DEFAULT 0,
    "processed" INTEGER NOT NULL DEFAULT 0,
    "changed" INTEGER NOT NULL DEFAULT 0,
    "skipped" JSONB NOT NULL DEFAULT '{}',
    "position" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "worked_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),
    "aborted_by" JSONB,
    "abort_reason" TEXT,

    CONSTRAINT "bulk_actions_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "bulk_actions_organization_id_id_idx" ON "bulk_actions"("organization_id", "id" DESC);

CREATE TABLE "bulk_items" (
    "bulk_id" UUID NOT NULL,
    "job_id" UUID NOT NULL,
    "revived" BOOLEAN NOT NULL DEFAULT false,
    "job_type" TEXT,
    "status" "JobStatus",
    "skipped" TEXT,

    CONSTRAINT "bulk_items_pkey" PRIMARY KEY ("bulk_id","job_id")
);
ALTER TABLE "bulk_items" ADD CONSTRAINT "bulk_items_bulk_id_fkey" FOREIGN KEY ("bulk_id") REFERENCES "bulk_actions"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "bulk_actions"
  ADD CONSTRAINT "bulk_actions_counts_check" CHECK ("changed" >= 0 AND "changed" <= "processed" AND "processed" <= "matched"),
  ADD CONSTRAINT "bulk_actions_finished_check" CHECK (("status" = 'RUNNING') = ("finished_at" IS NULL)),
  ADD CONSTRAINT "bulk_actions_aborted_check" CHECK (("status" = 'ABORTED') = ("aborted_by" IS NOT NULL));
-- What the leader has to do, and what it left out.
CREATE INDEX "bulk_actions_running" ON "bulk_actions" ("worked_at") WHERE "status" = 'RUNNING';
CREATE INDEX "bulk_items_skipped" ON "bulk_items" ("bulk_id", "job_id") WHERE "skipped" IS NOT NULL;
