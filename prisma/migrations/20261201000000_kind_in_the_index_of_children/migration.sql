-- expand
CREATE INDEX CONCURRENTLY "jobs_waiting_for_parents_by_kind" ON "jobs" ("id") INCLUDE ("organization_id", "job_type", "job_type_version", "queue", "priority", "rank_at") WHERE "status" = 'PENDING' AND "pending_parents" > 0;
