-- Requests may also ask for a change of a job that waits, and for another limit.
ALTER TYPE "RequestKind" ADD VALUE 'CHANGE_JOB';
ALTER TYPE "RequestKind" ADD VALUE 'CHANGE_LIMIT';

-- What is to be changed, as the act takes it. NULL: the request is about something else.
ALTER TABLE "requests" ADD COLUMN "change" JSONB;
