/** The type of the router, for people who use their own tRPC client: `createTRPCClient<AppRouter>`. */
export type { AppRouter } from '@/server/api/root'
