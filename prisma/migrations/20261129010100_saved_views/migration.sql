-- Filters and columns of the jobs page that people keep under a name.
CREATE TABLE "saved_views" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "query" JSON NOT NULL,
    "shared" BOOLEAN NOT NULL DEFAULT false,
    "created_by" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "saved_views_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "saved_views_organization_id_id_idx" ON "saved_views"("organization_id", "id" DESC);
CREATE UNIQUE INDEX "saved_views_organization_id_owner_id_name_key" ON "saved_views"("organization_id", "owner_id", "name");
ALTER TABLE "saved_views" ADD CONSTRAINT "saved_views_organization_id_fkey"
  FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE CASCADE ON UPDATE CASCADE;
