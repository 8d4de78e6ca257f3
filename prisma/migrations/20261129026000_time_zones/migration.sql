-- The days of an organization's reports begin and end in its time zone.
ALTER TABLE "organizations" ADD COLUMN "time_zone" TEXT NOT NULL DEFAULT 'UTC';
