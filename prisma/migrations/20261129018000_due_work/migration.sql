-- The dispatcher walks all kinds of work (organization, job type, priority) that are in its index. Work for later is no
-- longer among them: 60,000 kinds of it cost the dispatcher a second a round.

-- A worker or web process of the former version writes no value here. TRUE is safe: the dispatcher also compares the
-- job's time before it takes the job.
ALTER TABLE "jobs" ADD COLUMN "is_due" BOOLEAN NOT NULL DEFAULT TRUE;
UPDATE "jobs" SET "is_due" = FALSE
  WHERE "status" IN ('PENDING', 'FAILED', 'TIMED_OUT') AND COALESCE("next_retry_at", "run_at") > now();

DROP INDEX "jobs_eligible";
CREATE INDEX "jobs_eligible" ON "jobs" ("queue", "organization_id", "job_type", "priority", "rank_at", "id")
  WHERE "status" IN ('PENDING', 'FAILED', 'TIMED_OUT') AND "pending_parents" = 0 AND "is_due";
-- Work for later, in the order in which its time comes. A job's time follows from its rank and its priority.
CREATE INDEX "jobs_for_later" ON "jobs" ("priority", "rank_at", "id")
  WHERE "status" IN ('PENDING', 'FAILED', 'TIMED_OUT') AND "pending_parents" = 0 AND NOT "is_due";
-- The same by kind, to count what waits for later and to list it.
CREATE INDEX "jobs_for_later_by_kind" ON "jobs" ("queue", "organization_id", "job_type", "priority", "rank_at", "id")
  WHERE "status" IN ('PENDING', 'FAILED', 'TIMED_OUT') AND "pending_parents" = 0 AND NOT "is_due";
