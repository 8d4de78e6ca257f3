import type { ApiKey, Member, Outputs } from '@/app/_trpc/types'

type Actor = Outputs['audit']['actors']['items'][number]

/**
 * People and keys to choose from, by name. Those who did something come with the name that they had then; `members` and
 * `keys` add those who are not among them.
 */
export function whoOptions(
  actors: readonly Pick<Actor, 'id' | 'name' | 'type'>[],
  members: readonly Pick<Member, 'userId' | 'name' | 'email'>[],
  keys: readonly Pick<ApiKey, 'id' | 'name'>[],
): { value: string; label: string }[] {
  const keyLabel = (name: string) => `${name} (API key)`
  const found = new Map<string, string>()
  const add = (id: string, label: string) => (found.has(id) ? undefined : found.set(id, label))
  for (const { id, name, type } of actors) if (id !== null) add(id, type === 'key' ? keyLabel(name) : name)
  // The audit knows people by their accounts. Who is only invited has none.
  for (const { userId, name, email } of members) if (userId !== null) add(userId, name ?? email ?? userId)
  for (const { id, name } of keys) add(id, keyLabel(name))
  return [...found].map(([value, label]) => ({ value, label })).sort((a, b) => a.label.localeCompare(b.label))
}
