-- A schema is given back as it was written, the order of its keys included: jsonb sorts them by length.
-- What was stored until now keeps the order that it has by now; nobody knows the other one any more.
ALTER TABLE "job_types" ALTER COLUMN "parameter_schema" TYPE JSON USING "parameter_schema"::json;
ALTER TABLE "job_type_versions" ALTER COLUMN "config" TYPE JSON USING "config"::json;
ALTER TABLE "audit_events" ALTER COLUMN "before" TYPE JSON USING "before"::json, ALTER COLUMN "after" TYPE JSON USING "after"::json;
