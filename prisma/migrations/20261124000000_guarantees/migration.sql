-- Limits, dependencies, pause, circuits: what SPEC 4.8 to 4.12 keep in the database.

CREATE TYPE "PauseScope" AS ENUM ('PLATFORM', 'JOB_TYPE', 'ORGANIZATION');
CREATE TYPE "CircuitState" AS ENUM ('CLOSED', 'OPEN', 'HALF_OPEN');

ALTER TABLE "jobs" ADD COLUMN "cause_job_id" UUID, ADD COLUMN "condemned" TEXT;
ALTER TABLE "job_attempts" ADD COLUMN "seeded" BOOLEAN NOT NULL DEFAULT false;

CREATE TABLE "rate_admissions" (
    "id" BIGSERIAL NOT NULL,
    "organization_id" UUID NOT NULL,
    "job_type" TEXT NOT NULL,
    "at" TIMESTAMPTZ(6) NOT NULL,
    "jobs" INTEGER NOT NULL,

    CONSTRAINT "rate_admissions_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "rate_admissions_organization_id_job_type_at_idx" ON "rate_admissions"("organization_id", "job_type", "at");

CREATE TABLE "organization_usage" (
    "organization_id" UUID NOT NULL,
    "unfinished" BIGINT NOT NULL,

    CONSTRAINT "organization_usage_pkey" PRIMARY KEY ("organization_id")
);

CREATE TABLE "usage_deltas" (
    "id" BIGSERIAL NOT NULL,
    "organization_id" UUID NOT NULL,
    "delta" INTEGER NOT NULL,

    CONSTRAINT "usage_deltas_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "usage_deltas_organization_id_idx" ON "usage_deltas"("organization_id");

CREATE TABLE "pauses" (
    "scope" "PauseScope" NOT NULL,
    "target" TEXT NOT NULL,
    "reason" TEXT,
    "paused_by" JSONB NOT NULL,
    "paused_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "pauses_pkey" PRIMARY KEY ("scope","target")
);

CREATE TABLE "circuits" (
    "job_type" TEXT NOT NULL,
    "organization_id" UUID NOT NULL,
    "state" "CircuitState" NOT NULL,
    "failures" INTEGER NOT NULL,
    "outcomes" INTEGER NOT NULL,
    "opened_at" TIMESTAMPTZ(3) NOT NULL,
    "counts_from" TIMESTAMPTZ(3) NOT NULL,
    "trial_job_id" UUID,
    "trial_attempt" INTEGER,
    "closed_at" TIMESTAMPTZ(3),
    "closed_by" JSONB,

    CONSTRAINT "circuits_pkey" PRIMARY KEY ("job_type","organization_id")
);

CREATE TABLE "discarded_files" (
    "storage_key" TEXT NOT NULL,
    "discarded_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "discarded_files_pkey" PRIMARY KEY ("storage_key")
);

-- What workers can run, as they said when they started: a job type may name no other handler.
CREATE TABLE "handlers" (
    "key" TEXT NOT NULL,
    "queue" "JobQueue" NOT NULL,
    "seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "handlers_pkey" PRIMARY KEY ("key")
);

-- A child that died with its parent keeps the parent's name when that is deleted, so that its retry
-- can be refused. Submissions hold parents FOR KEY SHARE, and deletion looks for children under the lock.
ALTER TABLE "job_dependencies" DROP CONSTRAINT "job_dependencies_parent_id_fkey";

ALTER TABLE "rate_admissions" ADD CONSTRAINT "rate_admissions_jobs_check" CHECK ("jobs" >= 1);
ALTER TABLE "pauses" ADD CONSTRAINT "pauses_target_check" CHECK (("scope" = 'PLATFORM') = ("target" = ''));
ALTER TABLE "circuits"
  ADD CONSTRAINT "circuits_trial_check" CHECK (("trial_job_id" IS NULL) = ("trial_attempt" IS NULL) AND ("trial_job_id" IS NULL OR "state" = 'HALF_OPEN')),
  ADD CONSTRAINT "circuits_closed_check" CHECK (("state" = 'CLOSED') = ("closed_at" IS NOT NULL));
-- Only a job that died of another has a cause, only a running one is condemned.
ALTER TABLE "jobs"
  ADD CONSTRAINT "jobs_cause_check" CHECK ("cause_job_id" IS NULL OR "status" = 'DEAD_LETTER'),
  ADD CONSTRAINT "jobs_condemned_check" CHECK ("condemned" IS NULL OR "status" = 'RUNNING'),
  ADD CONSTRAINT "jobs_parents_check" CHECK ("pending_parents" = 0 OR "status" IN ('PENDING', 'CANCELED', 'DEAD_LETTER'));

-- Turns between organizations, and job types that are held back as a whole: the dispatcher walks
-- from one lane (organization, job type, priority) to the next and reads the head of each.
DROP INDEX "jobs_eligible";
CREATE INDEX "jobs_eligible" ON "jobs" ("queue", "organization_id", "job_type", "priority", "rank_at", "id")
  WHERE "status" IN ('PENDING', 'FAILED', 'TIMED_OUT') AND "pending_parents" = 0;
-- Children that wait for parents (the sweep), and those that died of one (its retry revives them).
CREATE INDEX "jobs_waiting_for_parents" ON "jobs" ("id") WHERE "status" = 'PENDING' AND "pending_parents" > 0;
CREATE INDEX "jobs_by_cause" ON "jobs" ("cause_job_id") WHERE "cause_job_id" IS NOT NULL;
-- Which kinds failed lately: the circuit breaker looks each second. Successes cost it nothing.
CREATE INDEX "job_attempts_failed" ON "job_attempts" ("ended_at", "job_type", "organization_id")
  WHERE "outcome" IN ('FAILED', 'TIMED_OUT') AND NOT "seeded";

INSERT INTO "usage_deltas" ("organization_id", "delta")
SELECT "organization_id", count(*)::int FROM "jobs"
WHERE "status" NOT IN ('COMPLETED', 'CANCELED', 'DEAD_LETTER') GROUP BY "organization_id";
