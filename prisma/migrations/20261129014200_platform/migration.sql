-- The sums of organizations over all their job types, without those of each type beside them.
CREATE INDEX "metric_rollups_totals_idx" ON "metric_rollups"("span_seconds", "at") WHERE "job_type" = '';
