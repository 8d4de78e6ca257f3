-- What a schema marks `x-sensitive` is masked in "parameters", which lists, exports and searches read;
-- the handler gets "unmasked". Null where nothing is sensitive.
ALTER TABLE "job_inputs" ADD COLUMN "unmasked" JSONB;
