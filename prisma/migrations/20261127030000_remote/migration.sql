-- Tokens with which a service outside reports on one attempt (docs/decisions/0040).
CREATE TABLE "attempt_tokens" (
    "hash" BYTEA NOT NULL,
    "job_id" UUID NOT NULL,
    "attempt" INTEGER NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "attempt_tokens_pkey" PRIMARY KEY ("hash")
);
CREATE INDEX "attempt_tokens_job_id_idx" ON "attempt_tokens"("job_id");
CREATE INDEX "attempt_tokens_expires_at_idx" ON "attempt_tokens"("expires_at");

ALTER TABLE "attempt_tokens" ADD CONSTRAINT "attempt_tokens_job_id_fkey"
  FOREIGN KEY ("job_id") REFERENCES "jobs"("id") ON DELETE CASCADE ON UPDATE CASCADE;
