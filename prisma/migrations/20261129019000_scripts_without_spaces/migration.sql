-- Words of scripts without spaces are cut into pieces (CUT in server/engine/domain/search-words.ts). Jobs of before keep 2
-- until the leader has cut their words anew.
ALTER TABLE "job_search" ALTER COLUMN "cut" SET DEFAULT 3;
