/**
 * The smallest and largest whole number that a variable may have. The launcher checks them before anything is
 * installed, and the processes check them again.
 * @type {Record<'PORT' | 'HEALTH_PORT' | 'TRUSTED_PROXIES' | 'DRAIN_SECONDS' | 'ISOLATED_SLOTS' | 'INLINE_SLOTS' | 'MAX_UPLOAD_BYTES', readonly [min: number, max: number]>}
 */
export const bounds = {
  PORT: [1, 65_535],
  HEALTH_PORT: [1, 65_535],
  TRUSTED_PROXIES: [0, 10],
  DRAIN_SECONDS: [0, 3600],
  ISOLATED_SLOTS: [1, 256],
  INLINE_SLOTS: [1, 10_000],
  // 10,000 parts of 8 MiB, which is what S3 takes, hold a little more (storage/s3-driver.ts).
  MAX_UPLOAD_BYTES: [1_024, 80_000_000_000],
}
