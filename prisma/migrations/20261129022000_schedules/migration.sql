-- Recurring jobs: what is to be submitted again and again, and what became of each run.
CREATE TYPE "ScheduleOverlap" AS ENUM ('ALLOW', 'SKIP', 'CANCEL');
CREATE TYPE "RunTrigger" AS ENUM ('DUE', 'NOW', 'BACKFILL');

CREATE TABLE "schedules" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "job_type" TEXT NOT NULL,
    "cron" TEXT NOT NULL,
    "time_zone" TEXT NOT NULL,
    "parameters" JSONB NOT NULL,
    "unmasked" JSONB,
    "priority" "JobPriority",
    "missed" JSONB NOT NULL,
    "overlap" "ScheduleOverlap" NOT NULL DEFAULT 'ALLOW',
    "jitter_seconds" INTEGER NOT NULL DEFAULT 0,
    "start_at" TIMESTAMPTZ(3),
    "end_at" TIMESTAMPTZ(3),
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "next_run_at" TIMESTAMPTZ(3),
    "due_at" TIMESTAMPTZ(3),
    "held" BOOLEAN NOT NULL DEFAULT false,
    "created_by" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "schedules_pkey" PRIMARY KEY ("id")
);
ALTER TABLE "schedules"
  ADD CONSTRAINT "schedules_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE CASCADE ON UPDATE CASCADE,
  ADD CONSTRAINT "schedules_jitter_check" CHECK ("jitter_seconds" >= 0),
  ADD CONSTRAINT "schedules_next_check" CHECK (("next_run_at" IS NULL) = ("due_at" IS NULL)),
  ADD CONSTRAINT "schedules_enabled_check" CHECK ("enabled" OR "next_run_at" IS NULL);
CREATE UNIQUE INDEX "schedules_organization_id_name_key" ON "schedules"("organization_id", "name");
CREATE INDEX "schedules_organization_id_id_idx" ON "schedules"("organization_id", "id" DESC);
-- What the scheduler walks: only schedules that have a next run and that nothing holds back.
CREATE INDEX "schedules_due" ON "schedules" ("due_at") WHERE "due_at" IS NOT NULL AND NOT "held";
-- Schedules that were due while their organization was suspended or something was paused.
CREATE INDEX "schedules_held" ON "schedules" ("organization_id") WHERE "held";

-- One row for each planned time that came: the job that was submitted, or why there is none.
CREATE TABLE "schedule_runs" (
    "schedule_id" UUID NOT NULL,
    "planned_at" TIMESTAMPTZ(3) NOT NULL,
    "organization_id" UUID NOT NULL,
    "trigger" "RunTrigger" NOT NULL DEFAULT 'DUE',
    "decided_at" TIMESTAMPTZ(3) NOT NULL,
    "job_id" UUID,
    "skipped" TEXT,
    "message" TEXT,
    "missed" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "schedule_runs_pkey" PRIMARY KEY ("schedule_id","planned_at")
);
ALTER TABLE "schedule_runs"
  ADD CONSTRAINT "schedule_runs_schedule_id_fkey" FOREIGN KEY ("schedule_id") REFERENCES "schedules"("id") ON DELETE CASCADE ON UPDATE CASCADE,
  ADD CONSTRAINT "schedule_runs_outcome_check" CHECK (("job_id" IS NULL) = ("skipped" IS NOT NULL));

-- The schedule that submitted a job. It stands with what was submitted, which transitions never touch. No foreign key:
-- the id stays when the schedule is gone.
ALTER TABLE "job_inputs" ADD COLUMN "schedule_id" UUID;
-- A job of no schedule is not in it, so an ordinary submission does not pay for it.
CREATE INDEX "job_inputs_schedules" ON "job_inputs" ("schedule_id", "job_id" DESC) WHERE "schedule_id" IS NOT NULL;

-- Runs of a past period are a bulk action, too. Its jobs do not exist yet when it is asked for.
ALTER TYPE "BulkKind" ADD VALUE 'BACKFILL';
ALTER TABLE "bulk_actions" ADD COLUMN "backfill" JSONB;
ALTER TABLE "bulk_items" ADD COLUMN "planned_at" TIMESTAMPTZ(3);
-- What is still to be submitted, in its order.
CREATE INDEX "bulk_items_planned" ON "bulk_items" ("bulk_id", "planned_at") WHERE "planned_at" IS NOT NULL AND "status" IS NULL AND "skipped" IS NULL;
