-- The audit of one organization by person, by act, by object and by kind of object, each in the order of time.
CREATE INDEX "audit_events_organization_id_actor_id_id_idx" ON "audit_events"("organization_id", "actor_id", "id" DESC);
CREATE INDEX "audit_events_organization_id_action_id_idx" ON "audit_events"("organization_id", "action", "id" DESC);
CREATE INDEX "audit_events_organization_id_action_target_type_id_idx" ON "audit_events"("organization_id", "action", "target_type", "id" DESC);
CREATE INDEX "audit_events_organization_id_target_type_target_id_id_idx" ON "audit_events"("organization_id", "target_type", "target_id", "id" DESC);
CREATE INDEX "audit_events_organization_id_target_type_id_idx" ON "audit_events"("organization_id", "target_type", "id" DESC);
