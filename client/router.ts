/** The router's type, for whoever calls with a tRPC client of their own: `createTRPCClient<AppRouter>`. */
export type { AppRouter } from '@/server/api/root'
