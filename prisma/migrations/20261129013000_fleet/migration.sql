-- When the job's attempt last reported progress. It is in no index, so that a report stays HOT.
ALTER TABLE "jobs" ADD COLUMN "progress_at" TIMESTAMPTZ(3);

-- What a worker says about itself, and why it was drained.
ALTER TABLE "workers"
  ADD COLUMN "version" TEXT,
  ADD COLUMN "commit" TEXT,
  ADD COLUMN "rss_bytes" BIGINT,
  ADD COLUMN "heap_bytes" BIGINT,
  ADD COLUMN "drain_seconds" INTEGER,
  ADD COLUMN "drain_reason" TEXT,
  ADD COLUMN "drained_by" JSONB;
