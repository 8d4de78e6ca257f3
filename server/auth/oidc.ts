import type { OAuthConfig } from 'next-auth/providers/oauth'
import type { Identity } from '@/server/engine'
import { getEnv, oidcSettings } from '@/server/env'

/** The provider's name within next-auth. Its callback is `/api/auth/callback/oidc`. */
export const OIDC = 'oidc'

interface Claims {
  sub: string
  email?: string
  email_verified?: boolean
  name?: string
}

/**
 * The OIDC provider of the environment in next-auth's form. It uses the authorization code with PKCE, state and nonce,
 * and finds endpoints and keys by discovery. `openid-client` checks the ID token's signature, issuer, audience, nonce
 * and times.
 */
export function oidcProvider(): OAuthConfig<Claims> | null {
  const settings = oidcSettings(getEnv())
  if (!settings) return null
  const { issuer, clientId, clientSecret, name } = settings
  return {
    id: OIDC,
    name,
    type: 'oauth',
    wellKnown: `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
    clientId,
    clientSecret,
    idToken: true,
    checks: ['pkce', 'state', 'nonce'],
    authorization: { params: { scope: 'openid email profile' } },
    httpOptions: { timeout: 10_000 },
    // Many providers do not put the email address, or whether it is verified, into the ID token.
    userinfo: {
      async request({ client, tokens }) {
        const claims = (tokens as unknown as { claims(): Claims }).claims()
        const isWhole = claims.email !== undefined && claims.email_verified !== undefined
        if (isWhole || !tokens.access_token) return claims
        const more = await client.userinfo<Claims>(tokens.access_token)
        if (more.sub !== claims.sub) throw new Error('the userinfo answer is about another subject')
        // What the signed ID token says wins.
        return { ...more, ...claims }
      },
    },
    profile: ({ sub, name: fullName, email }) => ({ id: sub, name: fullName ?? null, email: email ?? null }),
  }
}

/**
 * What the provider said, for the engine to decide. An address counts as verified only where the provider says exactly
 * that.
 */
export const identityOf = ({ sub, email, email_verified, name }: Claims): Identity => ({
  issuer: getEnv().OIDC_ISSUER ?? '',
  subject: sub,
  email: email ?? null,
  emailVerified: email_verified === true,
  name: typeof name === 'string' ? name : null,
})
