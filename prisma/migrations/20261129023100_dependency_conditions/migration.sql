-- What a job waits for: that its parent completes, or that it ends in whatever way. And the name by which the batch
-- named the parent, for the handler of the child.
ALTER TABLE "job_dependencies"
  ADD COLUMN "on_ended" BOOLEAN NOT NULL DEFAULT FALSE,
  ADD COLUMN "ref" TEXT;
