-- Worker pools: a job type names one, and a worker takes the jobs of some pools or of all.
ALTER TABLE "job_types" ADD COLUMN "pool" TEXT NOT NULL DEFAULT 'default';

-- The handler that a version names, out of its settings, so that the dispatcher reads no JSON.
ALTER TABLE "job_type_versions" ADD COLUMN "handler" TEXT;
UPDATE "job_type_versions" SET "handler" = "config"->>'handler';

-- What a worker takes and can run. NULL: everything, as a worker of the former version says it.
ALTER TABLE "workers"
  ADD COLUMN "pools" TEXT[],
  ADD COLUMN "handlers" TEXT[],
  ADD COLUMN "crew" TEXT NOT NULL DEFAULT '';

-- To the queue of which crew the job was handed last. It is in no index.
ALTER TABLE "jobs" ADD COLUMN "crew" TEXT NOT NULL DEFAULT '';
