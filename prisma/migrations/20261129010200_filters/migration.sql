-- A filter by title needs no column: the words of titles carry a weight among the words of their job. Rows of before get
-- it from the leader, as they get their other words anew ("cut" of 20261129003300).

-- Jobs that ended without success, by when. Those that completed are found by their last attempt, which has such an index,
-- so that no job pays for this one when it completes.
CREATE INDEX "jobs_ended_badly" ON "jobs" ("organization_id", "finished_at", "id") WHERE "status" IN ('CANCELED', 'DEAD_LETTER');
