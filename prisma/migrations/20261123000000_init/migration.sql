-- CreateEnum
CREATE TYPE "OrganizationStatus" AS ENUM ('ACTIVE', 'SUSPENDED', 'DELETED');

-- CreateEnum
CREATE TYPE "OrgRole" AS ENUM ('VIEWER', 'OPERATOR', 'ADMIN');

-- CreateEnum
CREATE TYPE "KeyRole" AS ENUM ('VIEWER', 'OPERATOR', 'ADMIN', 'SYSTEM_ADMIN');

-- CreateEnum
CREATE TYPE "JobStatus" AS ENUM ('PENDING', 'QUEUED', 'RUNNING', 'COMPLETED', 'FAILED', 'TIMED_OUT', 'CANCELED', 'DEAD_LETTER');

-- CreateEnum
CREATE TYPE "JobPriority" AS ENUM ('LOW', 'NORMAL', 'HIGH', 'CRITICAL');

-- CreateEnum
CREATE TYPE "JobQueue" AS ENUM ('ISOLATED', 'INLINE');

-- CreateEnum
CREATE TYPE "ErrorClass" AS ENUM ('TRANSIENT', 'PERMANENT');

-- CreateEnum
CREATE TYPE "ActorType" AS ENUM ('USER', 'KEY', 'SYSTEM');

-- CreateEnum
CREATE TYPE "AttemptOutcome" AS ENUM ('COMPLETED', 'FAILED', 'TIMED_OUT', 'CANCELED', 'LOST', 'HANDED_BACK');

-- CreateEnum
CREATE TYPE "LogLevel" AS ENUM ('INFO', 'WARN', 'ERROR');

-- CreateTable
CREATE TABLE "organizations" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "slug" TEXT NOT NULL,
    "status" "OrganizationStatus" NOT NULL DEFAULT 'ACTIVE',
    "max_concurrent" INTEGER,
    "max_unfinished" INTEGER NOT NULL DEFAULT 100000,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "suspended_at" TIMESTAMPTZ(3),
    "suspend_reason" TEXT,
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "organizations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "users" (
    "id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "password_hash" TEXT,
    "system_admin" BOOLEAN NOT NULL DEFAULT false,
    "disabled_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "persons" (
    "id" UUID NOT NULL,
    "user_id" UUID,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "persons_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "org_members" (
    "organization_id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "role" "OrgRole" NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "org_members_pkey" PRIMARY KEY ("organization_id","person_id")
);

-- CreateTable
CREATE TABLE "api_keys" (
    "id" UUID NOT NULL,
    "organization_id" UUID,
    "role" "KeyRole" NOT NULL,
    "name" TEXT NOT NULL,
    "prefix" TEXT NOT NULL,
    "hash" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_keys_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "job_types" (
    "name" TEXT NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "display_name" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "handler" TEXT NOT NULL,
    "queue" "JobQueue" NOT NULL DEFAULT 'ISOLATED',
    "parameter_schema" JSONB NOT NULL,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "required_role" "OrgRole" NOT NULL DEFAULT 'OPERATOR',
    "timeout_seconds" INTEGER NOT NULL DEFAULT 300,
    "priority" "JobPriority" NOT NULL DEFAULT 'NORMAL',
    "max_retries" INTEGER NOT NULL DEFAULT 5,
    "backoff_base_seconds" INTEGER NOT NULL DEFAULT 60,
    "backoff_cap_seconds" INTEGER NOT NULL DEFAULT 960,
    "dedupe_window_seconds" INTEGER NOT NULL DEFAULT 300,
    "rate_limit_count" INTEGER,
    "rate_limit_window_seconds" INTEGER,
    "concurrency_global" INTEGER,
    "concurrency_per_organization" INTEGER,
    "retention_days" INTEGER NOT NULL DEFAULT 30,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "job_types_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "job_type_versions" (
    "job_type" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "config" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" JSONB NOT NULL,

    CONSTRAINT "job_type_versions_pkey" PRIMARY KEY ("job_type","version")
);

-- CreateTable
CREATE TABLE "jobs" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "job_type" TEXT NOT NULL,
    "job_type_version" INTEGER NOT NULL,
    "queue" "JobQueue" NOT NULL,
    "status" "JobStatus" NOT NULL DEFAULT 'PENDING',
    "priority" "JobPriority" NOT NULL DEFAULT 'NORMAL',
    "submitted_by_type" "ActorType" NOT NULL,
    "submitted_by_id" UUID,
    "submitted_by_name" TEXT NOT NULL,
    "dispatch" INTEGER NOT NULL DEFAULT 0,
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "lost" INTEGER NOT NULL DEFAULT 0,
    "max_retries" INTEGER NOT NULL,
    "timeout_seconds" INTEGER NOT NULL,
    "run_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "next_retry_at" TIMESTAMPTZ(3),
    "rank_at" TIMESTAMPTZ(3) NOT NULL,
    "pending_parents" INTEGER NOT NULL DEFAULT 0,
    "dedupe_hash" BYTEA,
    "progress" SMALLINT NOT NULL DEFAULT 0,
    "progress_message" TEXT,
    "error_message" TEXT,
    "error_class" "ErrorClass",
    "error_fingerprint" TEXT,
    "worker_id" UUID,
    "lease_until" TIMESTAMPTZ(3),
    "cancel_requested_at" TIMESTAMPTZ(3),
    "canceled_by" JSONB,
    "cancel_reason" TEXT,
    "canceled_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "queued_at" TIMESTAMPTZ(3),
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "jobs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "job_inputs" (
    "job_id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "job_type" TEXT NOT NULL,
    "submitted_by_id" UUID,
    "parameters" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "job_inputs_pkey" PRIMARY KEY ("job_id")
);

-- CreateTable
CREATE TABLE "job_results" (
    "job_id" UUID NOT NULL,
    "result" JSONB NOT NULL,

    CONSTRAINT "job_results_pkey" PRIMARY KEY ("job_id")
);

-- CreateTable
CREATE TABLE "job_dependencies" (
    "job_id" UUID NOT NULL,
    "parent_id" UUID NOT NULL,

    CONSTRAINT "job_dependencies_pkey" PRIMARY KEY ("job_id","parent_id")
);

-- CreateTable
CREATE TABLE "dedupe_claims" (
    "organization_id" UUID NOT NULL,
    "job_type" TEXT NOT NULL,
    "hash" BYTEA NOT NULL,
    "job_id" UUID NOT NULL,
    "held_until" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "dedupe_claims_pkey" PRIMARY KEY ("organization_id","job_type","hash")
);

-- CreateTable
CREATE TABLE "idempotency_keys" (
    "organization_id" UUID NOT NULL,
    "job_type" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "job_id" UUID NOT NULL,
    "input_hash" BYTEA NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "idempotency_keys_pkey" PRIMARY KEY ("organization_id","job_type","key")
);

-- CreateTable
CREATE TABLE "job_attempts" (
    "job_id" UUID NOT NULL,
    "attempt" INTEGER NOT NULL,
    "organization_id" UUID NOT NULL,
    "job_type" TEXT NOT NULL,
    "worker_id" UUID,
    "ready_at" TIMESTAMPTZ(3) NOT NULL,
    "queued_at" TIMESTAMPTZ(3) NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),
    "outcome" "AttemptOutcome",
    "error_message" TEXT,
    "error_class" "ErrorClass",
    "error_fingerprint" TEXT,
    "error_stack" TEXT,

    CONSTRAINT "job_attempts_pkey" PRIMARY KEY ("job_id","attempt")
);

-- CreateTable
CREATE TABLE "job_logs" (
    "job_id" UUID NOT NULL,
    "line" INTEGER NOT NULL,
    "attempt" INTEGER NOT NULL,
    "level" "LogLevel" NOT NULL,
    "message" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "job_logs_pkey" PRIMARY KEY ("job_id","line")
);

-- CreateTable
CREATE TABLE "execution_logs" (
    "xid" BIGINT NOT NULL DEFAULT ((pg_current_xact_id())::text)::bigint,
    "id" BIGSERIAL NOT NULL,
    "job_id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "from_status" "JobStatus",
    "to_status" "JobStatus" NOT NULL,
    "attempt" INTEGER NOT NULL,
    "actor_type" "ActorType" NOT NULL,
    "actor_id" UUID,
    "actor_name" TEXT NOT NULL,
    "message" TEXT,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "execution_logs_pkey" PRIMARY KEY ("xid","id")
);

-- CreateTable
CREATE TABLE "artifacts" (
    "id" UUID NOT NULL,
    "job_id" UUID NOT NULL,
    "attempt" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "content_type" TEXT NOT NULL,
    "size" BIGINT NOT NULL,
    "storage_key" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "artifacts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "workers" (
    "id" UUID NOT NULL,
    "host" TEXT NOT NULL,
    "pid" INTEGER NOT NULL,
    "isolated_slots" INTEGER NOT NULL,
    "inline_slots" INTEGER NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "draining_at" TIMESTAMPTZ(3),
    "stopped_at" TIMESTAMPTZ(3),

    CONSTRAINT "workers_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "audit_events" (
    "id" UUID NOT NULL,
    "organization_id" UUID,
    "actor_type" "ActorType" NOT NULL,
    "actor_id" UUID,
    "actor_name" TEXT NOT NULL,
    "address" TEXT,
    "action" TEXT NOT NULL,
    "target_type" TEXT NOT NULL,
    "target_id" TEXT NOT NULL,
    "reason" TEXT,
    "before" JSONB,
    "after" JSONB,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "audit_events_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "organizations_slug_key" ON "organizations"("slug");

-- CreateIndex
CREATE UNIQUE INDEX "users_email_key" ON "users"("email");

-- CreateIndex
CREATE UNIQUE INDEX "persons_user_id_key" ON "persons"("user_id");

-- CreateIndex
CREATE INDEX "org_members_person_id_idx" ON "org_members"("person_id");

-- CreateIndex
CREATE UNIQUE INDEX "api_keys_hash_key" ON "api_keys"("hash");

-- CreateIndex
CREATE INDEX "api_keys_organization_id_idx" ON "api_keys"("organization_id");

-- CreateIndex
CREATE INDEX "job_inputs_organization_id_job_id_idx" ON "job_inputs"("organization_id", "job_id" DESC);

-- CreateIndex
CREATE INDEX "job_inputs_organization_id_job_type_job_id_idx" ON "job_inputs"("organization_id", "job_type", "job_id" DESC);

-- CreateIndex
CREATE INDEX "job_inputs_organization_id_submitted_by_id_job_id_idx" ON "job_inputs"("organization_id", "submitted_by_id", "job_id" DESC);

-- CreateIndex
CREATE INDEX "job_dependencies_parent_id_idx" ON "job_dependencies"("parent_id");

-- CreateIndex
CREATE INDEX "idempotency_keys_expires_at_idx" ON "idempotency_keys"("expires_at");

-- CreateIndex
CREATE INDEX "job_attempts_organization_id_ended_at_idx" ON "job_attempts"("organization_id", "ended_at");

-- CreateIndex
CREATE INDEX "execution_logs_job_id_id_idx" ON "execution_logs"("job_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "artifacts_job_id_name_key" ON "artifacts"("job_id", "name");

-- CreateIndex
CREATE INDEX "workers_last_seen_at_idx" ON "workers"("last_seen_at");

-- CreateIndex
CREATE INDEX "audit_events_organization_id_id_idx" ON "audit_events"("organization_id", "id" DESC);

-- AddForeignKey
ALTER TABLE "persons" ADD CONSTRAINT "persons_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "org_members" ADD CONSTRAINT "org_members_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "org_members" ADD CONSTRAINT "org_members_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "persons"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "job_type_versions" ADD CONSTRAINT "job_type_versions_job_type_fkey" FOREIGN KEY ("job_type") REFERENCES "job_types"("name") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "jobs" ADD CONSTRAINT "jobs_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "jobs" ADD CONSTRAINT "jobs_job_type_job_type_version_fkey" FOREIGN KEY ("job_type", "job_type_version") REFERENCES "job_type_versions"("job_type", "version") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "job_inputs" ADD CONSTRAINT "job_inputs_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "jobs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "job_results" ADD CONSTRAINT "job_results_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "jobs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "job_dependencies" ADD CONSTRAINT "job_dependencies_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "jobs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "job_dependencies" ADD CONSTRAINT "job_dependencies_parent_id_fkey" FOREIGN KEY ("parent_id") REFERENCES "jobs"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "job_attempts" ADD CONSTRAINT "job_attempts_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "jobs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "job_logs" ADD CONSTRAINT "job_logs_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "jobs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "artifacts" ADD CONSTRAINT "artifacts_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "jobs"("id") ON DELETE CASCADE ON UPDATE CASCADE;


-- What Prisma's schema has no words for -----------------------------------------------------

ALTER TABLE "organizations"
  ADD CONSTRAINT "organizations_max_concurrent_check" CHECK ("max_concurrent" >= 0),
  ADD CONSTRAINT "organizations_max_unfinished_check" CHECK ("max_unfinished" >= 0),
  ADD CONSTRAINT "organizations_name_check" CHECK ("name" <> ''),
  ADD CONSTRAINT "organizations_slug_check" CHECK ("slug" ~ '^[a-z0-9][a-z0-9-]{0,62}$');

ALTER TABLE "users"
  ADD CONSTRAINT "users_email_check" CHECK ("email" = lower("email") AND "email" LIKE '%_@_%');

ALTER TABLE "api_keys"
  ADD CONSTRAINT "api_keys_platform_check" CHECK (("organization_id" IS NULL) = ("role" = 'SYSTEM_ADMIN')),
  ADD CONSTRAINT "api_keys_hash_check" CHECK (octet_length("hash") = 32);

ALTER TABLE "job_types"
  ADD CONSTRAINT "job_types_name_check" CHECK ("name" ~ '^[a-z0-9][a-z0-9._-]{0,99}$'),
  ADD CONSTRAINT "job_types_version_check" CHECK ("version" >= 1),
  ADD CONSTRAINT "job_types_timeout_check" CHECK ("timeout_seconds" BETWEEN 1 AND 86400),
  ADD CONSTRAINT "job_types_max_retries_check" CHECK ("max_retries" >= 0),
  ADD CONSTRAINT "job_types_backoff_check" CHECK ("backoff_base_seconds" >= 0 AND "backoff_cap_seconds" >= 0),
  ADD CONSTRAINT "job_types_dedupe_check" CHECK ("dedupe_window_seconds" >= 0),
  ADD CONSTRAINT "job_types_rate_check" CHECK (
    ("rate_limit_count" IS NULL) = ("rate_limit_window_seconds" IS NULL)
    AND "rate_limit_count" >= 0 AND "rate_limit_window_seconds" BETWEEN 1 AND 86400),
  ADD CONSTRAINT "job_types_concurrency_check" CHECK ("concurrency_global" >= 0 AND "concurrency_per_organization" >= 0),
  ADD CONSTRAINT "job_types_retention_check" CHECK ("retention_days" >= 1);

-- PENDING may follow RUNNING with an old started_at: what a state must have is checked, not more.
ALTER TABLE "jobs"
  ADD CONSTRAINT "jobs_numbers_check" CHECK (
    "dispatch" >= 0 AND "attempt" >= 0 AND "failures" >= 0 AND "lost" >= 0 AND "max_retries" >= 0 AND "pending_parents" >= 0),
  ADD CONSTRAINT "jobs_timeout_check" CHECK ("timeout_seconds" BETWEEN 1 AND 86400),
  ADD CONSTRAINT "jobs_progress_check" CHECK ("progress" BETWEEN 0 AND 100),
  ADD CONSTRAINT "jobs_lease_check" CHECK (("status" = 'RUNNING') = ("lease_until" IS NOT NULL)),
  ADD CONSTRAINT "jobs_worker_check" CHECK (("status" = 'RUNNING') = ("worker_id" IS NOT NULL)),
  ADD CONSTRAINT "jobs_retry_check" CHECK (("status" IN ('FAILED', 'TIMED_OUT')) = ("next_retry_at" IS NOT NULL)),
  ADD CONSTRAINT "jobs_finished_check" CHECK (("status" IN ('COMPLETED', 'CANCELED', 'DEAD_LETTER')) = ("finished_at" IS NOT NULL)),
  ADD CONSTRAINT "jobs_canceled_check" CHECK (("status" = 'CANCELED') = ("canceled_at" IS NOT NULL)),
  ADD CONSTRAINT "jobs_error_check" CHECK ("status" NOT IN ('FAILED', 'TIMED_OUT', 'DEAD_LETTER') OR "error_message" IS NOT NULL),
  ADD CONSTRAINT "jobs_hash_check" CHECK (octet_length("dedupe_hash") = 32);

ALTER TABLE "job_dependencies"
  ADD CONSTRAINT "job_dependencies_self_check" CHECK ("job_id" <> "parent_id");
ALTER TABLE "job_attempts"
  ADD CONSTRAINT "job_attempts_attempt_check" CHECK ("attempt" >= 1),
  ADD CONSTRAINT "job_attempts_end_check" CHECK (("ended_at" IS NULL) = ("outcome" IS NULL));
ALTER TABLE "job_logs"
  ADD CONSTRAINT "job_logs_line_check" CHECK ("line" BETWEEN 1 AND 10000);
ALTER TABLE "artifacts"
  ADD CONSTRAINT "artifacts_size_check" CHECK ("size" >= 0);

-- The dispatcher: what may run, in the order in which it should. Retries that are due and jobs
-- that wait are one set, so one index. Transitions of jobs that run never touch it.
CREATE INDEX "jobs_eligible" ON "jobs" ("queue", "rank_at", "id")
  WHERE "status" IN ('PENDING', 'FAILED', 'TIMED_OUT') AND "pending_parents" = 0;
-- Lists by status, and the sweeps over QUEUED and RUNNING. COMPLETED, nearly all rows of a busy
-- system, is left out: a list of it walks job_inputs and drops the few others.
CREATE INDEX "jobs_by_status" ON "jobs" ("status", "organization_id", "id") WHERE "status" <> 'COMPLETED';
-- lease_until changes every 5 s; kept out of every index so that a renewal stays HOT.
ALTER TABLE "jobs" SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 1);
ALTER TABLE "job_attempts" SET (fillfactor = 90);
ALTER TABLE "dedupe_claims" SET (fillfactor = 80);

-- Whole words of the parameters, and equality at a path.
CREATE INDEX "job_inputs_search" ON "job_inputs"
  USING gin (jsonb_to_tsvector('simple', "parameters", '["string", "numeric", "boolean"]'));
CREATE INDEX "job_inputs_args" ON "job_inputs" USING gin ("parameters" jsonb_path_ops);

-- The audit is what remains when somebody asks who did it: nobody edits it, this code included.
CREATE FUNCTION "refuse_audit_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit_events is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER "audit_events_append_only" BEFORE UPDATE OR DELETE ON "audit_events"
  FOR EACH ROW EXECUTE FUNCTION "refuse_audit_change"();
CREATE TRIGGER "audit_events_no_truncate" BEFORE TRUNCATE ON "audit_events"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_audit_change"();

-- A transition once written is never rewritten (rows leave only together with their job).
CREATE FUNCTION "refuse_history_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'execution_logs is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
-- History has no foreign key: checking one costs an eighth of the hot path, and the only statement
-- that inserts has just locked the job. Rows leave with their job, here.
CREATE FUNCTION "remove_history"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM execution_logs l USING gone g WHERE l.job_id = g.id;
  RETURN NULL;
END $$;
CREATE TRIGGER "jobs_remove_history" AFTER DELETE ON "jobs" REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION "remove_history"();
CREATE TRIGGER "execution_logs_append_only" BEFORE UPDATE ON "execution_logs"
  FOR EACH ROW EXECUTE FUNCTION "refuse_history_change"();
