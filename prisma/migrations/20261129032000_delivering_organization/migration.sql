-- expand

-- Which organization delivers the messages of alerts was told by its short name. An older organization of somebody else
-- may begin with the same words, so it is told by this column from now on. The audit says which one Jobyard made.
ALTER TABLE "organizations" ADD COLUMN "delivers_alerts" BOOLEAN NOT NULL DEFAULT false;
UPDATE "organizations" SET "delivers_alerts" = true WHERE "id" = (
  SELECT o."id" FROM "organizations" o
  WHERE (o."slug" = 'alert-messages' OR o."slug" LIKE 'alert-messages-%') AND o."status" <> 'DELETED' AND EXISTS (
    SELECT 1 FROM "audit_events" e
    WHERE e."organization_id" = o."id" AND e."action" = 'organization.create' AND e."actor_type" = 'SYSTEM' AND e."actor_name" = 'alerts')
  ORDER BY o."id" LIMIT 1);
