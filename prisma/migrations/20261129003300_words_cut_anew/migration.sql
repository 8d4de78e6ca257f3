-- How the words of a job were cut (CUT in server/engine/domain/search-words.ts). Jobs of before keep 1 until the leader
-- has given them their words anew. A default that never changes for rows of before takes no time, however many they are.
ALTER TABLE "job_search" ADD COLUMN "cut" SMALLINT NOT NULL DEFAULT 1;
ALTER TABLE "job_search" ALTER COLUMN "cut" SET DEFAULT 2;
