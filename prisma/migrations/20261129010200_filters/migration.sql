-- The words of titles carry a weight among the words of their job, so that a filter by title asks the index that is there.
-- What was written until now has no weights; the leader marks it little by little, so that this takes no time.
ALTER TABLE "job_search" ADD COLUMN "title_marked" BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE "job_search" ALTER COLUMN "title_marked" SET DEFAULT true;

-- Jobs that ended without success, by when. Those that completed are found by their last attempt, which has such an index,
-- so that no job pays for this one when it completes.
CREATE INDEX "jobs_ended_badly" ON "jobs" ("organization_id", "finished_at", "id") WHERE "status" IN ('CANCELED', 'DEAD_LETTER');
