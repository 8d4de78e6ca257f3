-- The settings with which a handler's job type begins, as the latest started worker knows them. json, other than jsonb,
-- keeps the order of a schema's keys. NULL: the handler makes no job type, or a worker of a former version wrote the row.
ALTER TABLE "handlers" ADD COLUMN "defaults" JSON;
-- Files of one's own handlers that the worker could not take: [{file, message}].
ALTER TABLE "workers" ADD COLUMN "handler_problems" JSONB NOT NULL DEFAULT '[]';
