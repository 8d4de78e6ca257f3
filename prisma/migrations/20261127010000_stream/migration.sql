-- Under which transaction number a job's last history row stands (docs/decisions/0033). The default of a stable
-- function is evaluated once for the rows that are there: no rewrite, and no row of theirs is above it.
ALTER TABLE "jobs" ADD COLUMN "history_xid" BIGINT NOT NULL DEFAULT ((pg_current_xact_id())::text)::bigint;
