-- expand

-- Dispatchers ask at each round whether there is a concurrency limit anywhere. Most organizations and job types have
-- none, so without these indexes all of them were read.
CREATE INDEX "organizations_limited" ON "organizations" ("id") WHERE "max_concurrent" IS NOT NULL;
CREATE INDEX "job_types_limited" ON "job_types" ("name") WHERE "concurrency_global" IS NOT NULL OR "concurrency_per_organization" IS NOT NULL;
