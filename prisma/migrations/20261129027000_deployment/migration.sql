-- expand

-- Migrations on which the release before them still runs. `db:migrate` writes a migration's name here where the file
-- begins with "-- expand".
CREATE TABLE "expanding_migrations" (
  "name" TEXT NOT NULL,
  CONSTRAINT "expanding_migrations_pkey" PRIMARY KEY ("name")
);

-- What processes must have in common and nobody may read: a digest of it.
CREATE TABLE "deployment_secrets" (
  "name" TEXT NOT NULL,
  "digest" BYTEA NOT NULL,
  "seen_at" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "deployment_secrets_pkey" PRIMARY KEY ("name")
);

-- Whether the worker reaches BullMQ's store, as its last heartbeat said.
ALTER TABLE "workers" ADD COLUMN "store_ok" BOOLEAN;
