-- expand

-- While two versions run side by side, a worker of the older one that starts again must not take the settings of a job
-- type back. So a handler remembers the digests of its defaults in the order in which they were first seen, and a worker
-- says which ones it has.
ALTER TABLE "handlers" ADD COLUMN "known_defaults" TEXT[] DEFAULT ARRAY[]::TEXT[];
ALTER TABLE "workers" ADD COLUMN "handler_defaults" JSONB;
