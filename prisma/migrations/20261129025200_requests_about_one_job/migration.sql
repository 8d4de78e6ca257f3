-- A request for a change of a job is about jobs, too: it has the number of them.
ALTER TABLE "requests" DROP CONSTRAINT "requests_jobs_check";
ALTER TABLE "requests" ADD CONSTRAINT "requests_jobs_check"
  CHECK (("kind" IN ('CANCEL', 'RETRY', 'DELETE', 'CHANGE_JOB')) = ("matched" IS NOT NULL));
