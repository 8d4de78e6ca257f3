-- Dead letters by what they died of: groups with their count, first, last and trend are read from this
-- index alone, however many there are.
CREATE INDEX "jobs_dead" ON "jobs" ("organization_id", "job_type", "error_fingerprint", "finished_at", "id")
  WHERE "status" = 'DEAD_LETTER';
-- A group is named by its fingerprint: every dead letter has one, and a class.
ALTER TABLE "jobs" ADD CONSTRAINT "jobs_dead_check" CHECK (
  "status" <> 'DEAD_LETTER' OR ("error_fingerprint" IS NOT NULL AND "error_class" IS NOT NULL));
