-- expand
-- jobs_by_status_and_kind has the same order, and holds what lists are filtered by, so that no row is read for it.
DROP INDEX "jobs_by_status";
