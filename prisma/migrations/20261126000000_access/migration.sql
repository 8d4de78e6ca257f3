-- API keys that administrators make and revoke, and an audit that can be searched.

-- What becomes of the jobs that wait when their key is revoked.
CREATE TYPE "KeyJobs" AS ENUM ('CANCEL', 'TRANSFER');

ALTER TABLE "api_keys"
  ADD COLUMN "calls_per_second" INTEGER NOT NULL DEFAULT 1000,
  ADD COLUMN "created_by" JSONB,
  ADD COLUMN "revoked_by" JSONB,
  ADD COLUMN "waiting_jobs" "KeyJobs";
ALTER TABLE "api_keys"
  ADD CONSTRAINT "api_keys_calls_check" CHECK ("calls_per_second" >= 1),
  ADD CONSTRAINT "api_keys_waiting_check" CHECK ("waiting_jobs" IS NULL OR ("revoked_at" IS NOT NULL AND "revoked_by" IS NOT NULL));

-- A key is found by what it shows of itself and then compared.
CREATE INDEX "api_keys_prefix_idx" ON "api_keys"("prefix");

-- Null: no limit, as everywhere.
ALTER TABLE "organizations" ALTER COLUMN "max_unfinished" DROP NOT NULL;

-- The id begins with the time, so each of these is also an order by time.
CREATE INDEX "audit_events_actor_id_id_idx" ON "audit_events"("actor_id", "id" DESC);
CREATE INDEX "audit_events_action_id_idx" ON "audit_events"("action", "id" DESC);
CREATE INDEX "audit_events_target_id_id_idx" ON "audit_events"("target_id", "id" DESC);
