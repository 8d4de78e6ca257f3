-- The template that makes titles; null: the first values of the parameters.
ALTER TABLE "job_types" ADD COLUMN "title" TEXT;

-- What a job is found by. A table of its own: transitions do not touch it, only a failure writes its words.
-- Jobs of before come in little by little (server/engine/actions/index-jobs.ts), so that this takes no time.
CREATE TABLE "job_search" (
    "job_id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "title" TEXT NOT NULL,
    "words" tsvector NOT NULL,
    "error_words" tsvector,

    CONSTRAINT "job_search_pkey" PRIMARY KEY ("job_id")
);
ALTER TABLE "job_search" ADD CONSTRAINT "job_search_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "jobs"("id") ON DELETE CASCADE ON UPDATE CASCADE;
-- Without its list of pending entries: a search over all organizations would read that list once for each.
CREATE INDEX "job_search_words" ON "job_search" USING gin (("words" || COALESCE("error_words", ''::tsvector))) WITH (fastupdate = off);
DROP INDEX "job_inputs_search";
