import { sweepRevokedKeys } from '@/server/engine'
import { countNote, type Duty, type DutyContext } from '../duty'

/** Cancels the waiting jobs of revoked API keys, or passes them to whoever revoked the key, as was asked for. */
export const revokedKeys = ({ db }: DutyContext): Duty => ({
  name: 'revoked keys',
  everyMs: 2_000,
  needs: 'postgresql',
  run: async () => ({
    note: countNote(await sweepRevokedKeys(db), 'jobs of revoked API keys canceled or passed on'),
  }),
})
