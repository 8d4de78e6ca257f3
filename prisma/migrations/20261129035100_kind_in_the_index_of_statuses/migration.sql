-- expand
CREATE INDEX CONCURRENTLY "jobs_by_status_and_kind" ON "jobs" ("status", "organization_id", "id") INCLUDE ("job_type", "priority") WHERE "status" <> 'COMPLETED';
