import { Card } from '@/app/_components/card'
import { JsonViewer } from '@/app/_components/json-viewer'
import { VisibleText } from '@/app/_components/visible-text'
import type { JobType } from '@/app/_trpc/types'
import { DrawnForm } from '../editor/schema-card'
import { SETTINGS } from '../editor/settings'

/** The settings of a job type, for people who may only read them. */
export default function ReadOnly({ type }: { type: JobType }) {
  return (
    <div className="grid items-start gap-4 xl:grid-cols-2">
      <Card id="settings" title="Settings" note="A system admin changes them">
        <dl className="grid gap-x-4 gap-y-2 text-sm sm:grid-cols-[15rem_minmax(0,1fr)]">
          {/* The schema has a card of its own, and the words of the rate limit hold its window already. */}
          {SETTINGS.filter(({ path }) => path !== 'parameterSchema' && path !== 'rateLimit.windowSeconds').map(
            (setting) => (
              <div key={setting.path} className="contents">
                <dt className="text-muted">{setting.label}</dt>
                <dd className="wrap-anywhere tabular-nums max-sm:mb-1.5">
                  <VisibleText text={setting.said(type)} />
                </dd>
              </div>
            ),
          )}
        </dl>
      </Card>
      <div className="grid min-w-0 gap-4">
        <Card id="form" title="The form that asks for its parameters" note="Try it: nothing is sent">
          <DrawnForm schema={type.parameterSchema as never} />
        </Card>
        <Card id="schema" title="Parameter schema">
          <JsonViewer value={type.parameterSchema} label="Parameter schema" />
        </Card>
      </div>
    </div>
  )
}
