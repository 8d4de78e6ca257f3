-- expand

-- Where a job came from: the id of the request that submitted it, by which log lines are found, and the W3C trace
-- context of the caller. Both may be unknown.
ALTER TABLE "job_inputs" ADD COLUMN "request_id" TEXT;
ALTER TABLE "job_inputs" ADD COLUMN "trace_parent" TEXT;
