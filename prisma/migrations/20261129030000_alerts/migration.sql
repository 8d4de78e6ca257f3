-- expand
-- Alerts: what admins want to be told, what was found, and which messages were sent about it (rules 4.50 to 4.55).
CREATE TABLE "alert_rules" (
    "id" UUID NOT NULL,
    "organization_id" UUID,
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "settings" JSONB NOT NULL,
    "targets" JSONB NOT NULL,
    "quiet_hours" JSONB,
    "signing_secret" TEXT NOT NULL,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "look_at" TIMESTAMPTZ(3) NOT NULL,
    "seen_until" TIMESTAMPTZ(3) NOT NULL,
    "created_by" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "alert_rules_pkey" PRIMARY KEY ("id")
);
ALTER TABLE "alert_rules"
  ADD CONSTRAINT "alert_rules_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE CASCADE ON UPDATE CASCADE,
  ADD CONSTRAINT "alert_rules_kind_check" CHECK ("kind" IN ('NEW_CAUSE', 'FAILURE_RATE', 'OLDEST_WAITING', 'CIRCUIT_OPENED', 'NO_WORKER', 'SCHEDULE_MISSED', 'JOB_STUCK'));
CREATE UNIQUE INDEX "alert_rules_name_key" ON "alert_rules"("organization_id", "name") NULLS NOT DISTINCT;
CREATE INDEX "alert_rules_organization_id_id_idx" ON "alert_rules"("organization_id", "id" DESC);
-- What the leader walks.
CREATE INDEX "alert_rules_due" ON "alert_rules" ("look_at") WHERE "enabled";

-- One row for each thing that was found. It is open until that thing is in order again.
CREATE TABLE "alerts" (
    "id" UUID NOT NULL,
    "rule_id" UUID NOT NULL,
    "organization_id" UUID,
    "subject" TEXT NOT NULL,
    "label" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "path" TEXT,
    "opened_at" TIMESTAMPTZ(3) NOT NULL,
    "closed_at" TIMESTAMPTZ(3),
    "clear_looks" INTEGER NOT NULL DEFAULT 0,
    "told_at" TIMESTAMPTZ(3),
    "recovery_told_at" TIMESTAMPTZ(3),

    CONSTRAINT "alerts_pkey" PRIMARY KEY ("id")
);
ALTER TABLE "alerts"
  ADD CONSTRAINT "alerts_rule_id_fkey" FOREIGN KEY ("rule_id") REFERENCES "alert_rules"("id") ON DELETE CASCADE ON UPDATE CASCADE;
-- There is one open alert for each rule and subject, whatever number of processes look.
CREATE UNIQUE INDEX "alerts_open" ON "alerts"("rule_id", "organization_id", "subject") NULLS NOT DISTINCT WHERE "closed_at" IS NULL;
CREATE INDEX "alerts_rule_id_id_idx" ON "alerts"("rule_id", "id" DESC);
-- What a message is still to be sent about.
CREATE INDEX "alerts_untold" ON "alerts"("rule_id") WHERE ("closed_at" IS NULL AND "told_at" IS NULL) OR ("closed_at" IS NOT NULL AND "told_at" IS NOT NULL AND "recovery_told_at" IS NULL);
CREATE INDEX "alerts_closed_at_idx" ON "alerts"("closed_at");

-- One row for each message and target. What became of it is told by its job.
CREATE TABLE "alert_deliveries" (
    "id" UUID NOT NULL,
    "rule_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "target" JSONB NOT NULL,
    "title" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "job_id" UUID,
    "error" TEXT,

    CONSTRAINT "alert_deliveries_pkey" PRIMARY KEY ("id")
);
ALTER TABLE "alert_deliveries"
  ADD CONSTRAINT "alert_deliveries_rule_id_fkey" FOREIGN KEY ("rule_id") REFERENCES "alert_rules"("id") ON DELETE CASCADE ON UPDATE CASCADE,
  ADD CONSTRAINT "alert_deliveries_kind_check" CHECK ("kind" IN ('ALERT', 'TEST')),
  ADD CONSTRAINT "alert_deliveries_outcome_check" CHECK (("job_id" IS NULL) = ("error" IS NOT NULL));
CREATE INDEX "alert_deliveries_rule_id_id_idx" ON "alert_deliveries"("rule_id", "id" DESC);
CREATE INDEX "alert_deliveries_created_at_idx" ON "alert_deliveries"("created_at");

-- Planned times that got no job, by when that was decided: how a missed schedule is found.
CREATE INDEX "schedule_runs_skipped" ON "schedule_runs" ("organization_id", "decided_at") WHERE "skipped" IS NOT NULL;
