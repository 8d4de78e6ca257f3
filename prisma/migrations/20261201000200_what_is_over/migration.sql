-- expand
-- The leader looks every few seconds for waiting jobs of deleted organizations, and for bulk actions, uploads and requests
-- that are over. Without these indexes it read all rows of these tables each time.
CREATE INDEX "organizations_deleted" ON "organizations" ("id") WHERE "status" = 'DELETED';
CREATE INDEX "bulk_actions_finished" ON "bulk_actions" ("finished_at") WHERE "finished_at" IS NOT NULL;
CREATE INDEX "uploads_removed" ON "uploads" ("removed_at") WHERE "removed_at" IS NOT NULL;
CREATE INDEX "requests_ended" ON "requests" ("ended_at") WHERE "ended_at" IS NOT NULL;
CREATE INDEX "requests_open_until" ON "requests" ("expires_at") WHERE "status" = 'OPEN';
