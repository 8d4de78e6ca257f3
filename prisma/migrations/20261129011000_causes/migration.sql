-- Failed attempts by what they failed of: counts, first, last and trend of each cause are read from this index
-- alone. An attempt that succeeds is in it never, so what succeeds pays nothing.
CREATE INDEX "job_attempts_by_cause" ON "job_attempts" ("organization_id", "job_type", "error_fingerprint", "ended_at", "job_id")
  WHERE "error_fingerprint" IS NOT NULL;

-- Causes of dead letters that a person does not want to see for a while.
CREATE TABLE "ignored_causes" (
    "organization_id" UUID NOT NULL,
    "job_type" TEXT NOT NULL,
    "error_fingerprint" TEXT NOT NULL,
    "until" TIMESTAMPTZ(3),
    "per_hour" INTEGER,
    "reason" TEXT NOT NULL,
    "ignored_by" JSONB NOT NULL,
    "ignored_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "ignored_causes_pkey" PRIMARY KEY ("organization_id","job_type","error_fingerprint")
);
ALTER TABLE "ignored_causes"
  ADD CONSTRAINT "ignored_causes_ends_check" CHECK ("until" IS NOT NULL OR "per_hour" IS NOT NULL),
  ADD CONSTRAINT "ignored_causes_per_hour_check" CHECK ("per_hour" >= 0);

-- What was last done about the dead letters of a cause.
CREATE TABLE "cause_acts" (
    "organization_id" UUID NOT NULL,
    "job_type" TEXT NOT NULL,
    "error_fingerprint" TEXT NOT NULL,
    "act_id" UUID NOT NULL,
    "kind" "BulkKind" NOT NULL,
    "acted_by" JSONB NOT NULL,
    "reason" TEXT,
    "jobs" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "cause_acts_pkey" PRIMARY KEY ("organization_id","job_type","error_fingerprint")
);
CREATE INDEX "cause_acts_at_idx" ON "cause_acts"("at");

-- The first of the jobs that were retried by it, to see what became of them.
CREATE TABLE "cause_act_jobs" (
    "organization_id" UUID NOT NULL,
    "job_type" TEXT NOT NULL,
    "error_fingerprint" TEXT NOT NULL,
    "job_id" UUID NOT NULL,
    "act_id" UUID NOT NULL,

    CONSTRAINT "cause_act_jobs_pkey" PRIMARY KEY ("organization_id","job_type","error_fingerprint","job_id")
);

ALTER TABLE "ignored_causes" ADD CONSTRAINT "ignored_causes_organization_id_fkey"
  FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "cause_acts" ADD CONSTRAINT "cause_acts_organization_id_fkey"
  FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "cause_act_jobs" ADD CONSTRAINT "cause_act_jobs_organization_id_job_type_error_fingerprint_fkey"
  FOREIGN KEY ("organization_id", "job_type", "error_fingerprint")
  REFERENCES "cause_acts"("organization_id", "job_type", "error_fingerprint") ON DELETE CASCADE ON UPDATE CASCADE;
