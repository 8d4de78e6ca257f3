-- How far organizations went against their limits, hour by hour.
CREATE TABLE "usage_peaks" (
    "organization_id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "unfinished" BIGINT NOT NULL,
    "running" INTEGER NOT NULL,

    CONSTRAINT "usage_peaks_pkey" PRIMARY KEY ("organization_id", "at")
);

CREATE INDEX "usage_peaks_at_idx" ON "usage_peaks"("at");
