-- expand
-- jobs_waiting_for_parents_by_kind has the same order, and holds what children are counted by, so that no row is read for it.
DROP INDEX "jobs_waiting_for_parents";
