import type { Metadata } from 'next'
import Link from '@/app/_components/link'
import { Logo } from '@/app/_components/shell/logo'
import { apiDocument } from '@/server/api/openapi'
import { Contents } from './contents'
import { entriesOf } from './entries'
import { FieldList } from './field-list'
import { OperationSection } from './operation-section'
import { Prose } from './prose'

export const metadata: Metadata = {
  title: 'API reference',
  description: 'Every procedure of the Jobyard API: what it means, takes, answers and refuses.',
}

/**
 * The API reference for people, made from the description in the router. It is public, as the OpenAPI document is. It
 * tells what can be called and nothing about anybody's data. Authors of services read it before they have a key.
 */
export default function ReferencePage() {
  const document = apiDocument()
  const entries = entriesOf(document)
  const types = Object.entries(document.components.schemas)
  const items = entries.map(({ id, title, operation }) => ({
    id,
    title,
    summary: operation.summary,
    noun: operation.tags[0] ?? '',
  }))
  return (
    <div className="mx-auto max-w-content lg:grid lg:grid-cols-[16rem_minmax(0,1fr)]">
      <a
        href="#content"
        className="sr-only z-50 rounded bg-primary px-3 py-2 text-sm text-primary-ink focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        Skip to content
      </a>
      <aside className="border-b border-line p-4 lg:sticky lg:top-0 lg:h-dvh lg:overflow-y-auto lg:border-r lg:border-b-0">
        <Link
          href="/"
          prefetch={false}
          className="flex items-center gap-2 rounded pb-4"
          aria-label="Jobyard, to the dashboard"
        >
          <Logo className="size-7" />
          <span className="text-lg font-semibold tracking-tight">Jobyard</span>
        </Link>
        <div className="hidden lg:block">
          <Contents items={items} />
        </div>
        <details className="lg:hidden">
          <summary className="rounded py-2 text-sm font-medium">Contents</summary>
          <div className="pt-1">
            <Contents items={items} />
          </div>
        </details>
      </aside>
      <main id="content" tabIndex={-1} className="min-w-0 px-4 py-5 outline-none lg:px-page">
        <h1 className="text-2xl font-semibold tracking-tight">API reference</h1>
        <p className="mt-1 text-sm text-muted">
          For programs:{' '}
          <a href="/api/openapi.json" className="rounded text-accent underline underline-offset-2">
            OpenAPI 3.1 document
          </a>
        </p>
        <Prose text={document.info.description} className="mt-4 text-base" />
        <p className="mt-2 max-w-[75ch] text-base">
          The calls below run in a shell where{' '}
          <code className="rounded-sm bg-hover px-1 font-mono text-xs">URL={document.servers[0]?.url}</code> and{' '}
          <code className="rounded-sm bg-hover px-1 font-mono text-xs">KEY</code> is an API key, or{' '}
          <code className="rounded-sm bg-hover px-1 font-mono text-xs">TOKEN</code> that of an attempt; their ids are
          examples.
        </p>
        {document.tags.map(({ name }) => (
          <section key={name} aria-labelledby={`noun-${name}`} className="mt-10">
            <h2 id={`noun-${name}`} className="pb-3 text-xl font-semibold tracking-tight">
              {name}
            </h2>
            <div className="grid grid-cols-1 gap-4">
              {entries
                .filter(({ operation }) => operation.tags[0] === name)
                .map((entry) => (
                  <OperationSection key={entry.id} entry={entry} />
                ))}
            </div>
          </section>
        ))}
        <section aria-labelledby="types" className="mt-10">
          <h2 id="types" className="pb-3 text-xl font-semibold tracking-tight">
            Types
          </h2>
          <div className="grid grid-cols-1 gap-4">
            {types.map(([name, schema]) => (
              <article
                key={name}
                id={`type-${name}`}
                aria-labelledby={`type-${name}-title`}
                className="scroll-mt-4 rounded-lg border border-line bg-surface p-4 shadow-card"
              >
                <h3 id={`type-${name}-title`} className="pb-1.5 font-mono text-base font-semibold">
                  {name}
                </h3>
                {schema.description ? <Prose text={schema.description} className="pb-2 text-sm text-muted" /> : null}
                <FieldList schema={schema} optional="silent" />
              </article>
            ))}
          </div>
        </section>
      </main>
    </div>
  )
}
