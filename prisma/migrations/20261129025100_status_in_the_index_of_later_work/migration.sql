-- What waits for later is counted by its status (planned, or waits for its retry), which the index did not have: each row
-- was read. A job changes its status and its place in this index in one step, so the status in it costs no further write.
DROP INDEX "jobs_for_later_by_kind";
CREATE INDEX "jobs_for_later_by_kind" ON "jobs" ("queue", "organization_id", "job_type", "priority", "rank_at", "id") INCLUDE ("status")
  WHERE "status" IN ('PENDING', 'FAILED', 'TIMED_OUT') AND "pending_parents" = 0 AND NOT "is_due";
