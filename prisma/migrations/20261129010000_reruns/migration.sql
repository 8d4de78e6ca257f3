-- The job that a job repeats. With what was submitted, which transitions never touch. No foreign key: the id stays
-- when that job is deleted or pruned.
ALTER TABLE "job_inputs" ADD COLUMN "rerun_of" UUID;
-- A job that repeats no other is not in it, so an ordinary submission does not pay for it.
CREATE INDEX "job_inputs_reruns" ON "job_inputs" ("rerun_of", "job_id" DESC) WHERE "rerun_of" IS NOT NULL;
