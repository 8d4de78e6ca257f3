-- What happened in each five minutes, hour, quarter of a day and day, for ranges over which single attempts are too many
-- to read, and which outlive them (server/engine/store/rollups.ts). The organization of zeros stands
-- for all together, the empty job type likewise.
CREATE TABLE "metric_rollups" (
    "organization_id" UUID NOT NULL,
    "span_seconds" INTEGER NOT NULL,
    "job_type" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "submitted" INTEGER NOT NULL,
    "completed" INTEGER NOT NULL,
    "failed" INTEGER NOT NULL,
    "wait_seconds" DOUBLE PRECISION NOT NULL,
    "run_seconds" DOUBLE PRECISION NOT NULL,
    "buckets" SMALLINT[],
    "counts" INTEGER[],

    CONSTRAINT "metric_rollups_pkey" PRIMARY KEY ("organization_id","span_seconds","job_type","at")
);
-- By time over all organizations: the next longer span is made of it, and what is old removed.
CREATE INDEX "metric_rollups_span_seconds_at_idx" ON "metric_rollups"("span_seconds", "at");

-- One row: what ended or was submitted before `until` is rolled up, the rest is read from the rows themselves.
CREATE TABLE "rollup_progress" (
    "singleton" BOOLEAN NOT NULL DEFAULT true,
    "until" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "rollup_progress_pkey" PRIMARY KEY ("singleton")
);

ALTER TABLE "metric_rollups"
  ADD CONSTRAINT "metric_rollups_counts_check" CHECK ("submitted" >= 0 AND "completed" >= 0 AND "failed" >= 0),
  ADD CONSTRAINT "metric_rollups_buckets_check" CHECK (
    "buckets" IS NOT NULL AND "counts" IS NOT NULL AND cardinality("buckets") = cardinality("counts"));
ALTER TABLE "rollup_progress" ADD CONSTRAINT "rollup_progress_singleton_check" CHECK ("singleton");

-- How many jobs have ended, and how, counted where unfinished ones are: nobody can count a million
-- rows each time a dashboard asks.
ALTER TABLE "usage_deltas"
  ADD COLUMN "completed" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "canceled" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "dead" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "organization_usage"
  ADD COLUMN "completed" BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN "canceled" BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN "dead" BIGINT NOT NULL DEFAULT 0;
INSERT INTO "usage_deltas" ("organization_id", "delta", "completed", "canceled", "dead")
SELECT "organization_id", 0, count(*) FILTER (WHERE "status" = 'COMPLETED'), count(*) FILTER (WHERE "status" = 'CANCELED'),
  count(*) FILTER (WHERE "status" = 'DEAD_LETTER')
FROM "jobs" WHERE "status" IN ('COMPLETED', 'CANCELED', 'DEAD_LETTER') GROUP BY "organization_id";
