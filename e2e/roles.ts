import type { Page } from './test'
import type { Role } from './world'

// What each role finds on each page, written out. A change here is a change of what people may do, and is read as one.

/**
 * `acts`: the button can be pressed. `asks`: in its place stands one that asks an admin. `refused`: it is there, but
 * says why it cannot be pressed. `none`: it is not there.
 */
export type Offer = 'acts' | 'asks' | 'refused' | 'none'
interface Act {
  on: string
  /** The name of the button or link, also of the one that asks. */
  button: RegExp
  SYSTEM_ADMIN: Offer
  ADMIN: Offer
  OPERATOR: Offer
  VIEWER: Offer
}

/** The pages of the navigation, in their order, and the roles that find each. */
export const NAVIGATION: Record<Role, string> = {
  VIEWER: 'Overview, Jobs, Dead letter, Submit, Schedules, Workers, Circuits, Bulk actions, Job types, Organization',
  OPERATOR:
    'Overview, Jobs, Dead letter, Submit, Schedules, Workers, Circuits, Bulk actions, Requests, Job types, Organization',
  ADMIN:
    'Overview, Jobs, Dead letter, Submit, Schedules, Workers, Circuits, Bulk actions, Alerts, Requests, Job types, Organization, Audit',
  SYSTEM_ADMIN:
    'Overview, Jobs, Dead letter, Submit, Schedules, Workers, Circuits, Bulk actions, Alerts, Requests, Job types, Organization, Audit, Platform',
}

const act = (on: string, button: RegExp, SYSTEM_ADMIN: Offer, ADMIN: Offer, OPERATOR: Offer, VIEWER: Offer): Act => ({
  on,
  button,
  SYSTEM_ADMIN,
  ADMIN,
  OPERATOR,
  VIEWER,
})

// prettier-ignore
export const ACTS: readonly Act[] = [
  //  page                          button                                    system admin  admin      operator   viewer
  act('/',                          /^(Ask to retry|Retry) /,                 'acts',       'acts',    'asks',    'refused'),
  act('/',                          /^(Change the|Ask for another) limit of /, 'acts',      'asks',    'asks',    'none'),
  act('/jobs',                      /^Submit job$/,                           'acts',       'acts',    'acts',    'refused'),
  act('/jobs',                      /^Export CSV$/,                           'acts',       'acts',    'acts',    'refused'),
  act('a dead job',                 /^(Ask to retry|Retry)$/,                 'acts',       'acts',    'asks',    'refused'),
  act('a dead job',                 /^Run again$/,                            'acts',       'acts',    'acts',    'refused'),
  act('a dead job',                 /^(Ask to delete|Delete)$/,               'acts',       'acts',    'asks',    'refused'),
  act('a waiting job',              /^(Ask to cancel|Cancel)$/,               'acts',       'acts',    'asks',    'refused'),
  act('a waiting job',              /^(Ask to change|Change)$/,               'acts',       'acts',    'asks',    'refused'),
  act('a waiting job',              /^Run again$/,                            'acts',       'acts',    'acts',    'refused'),
  act('/submit?type=sample.noop',   /^Submit job$/,                           'acts',       'acts',    'acts',    'none'),
  act('/schedules',                 /^New schedule$/,                         'acts',       'acts',    'none',    'none'),
  act('/schedules',                 /^Delete /,                               'acts',       'acts',    'none',    'none'),
  act('/schedules',                 / is switched (on|off)$/,                 'acts',       'acts',    'none',    'none'),
  act('/schedules',                 /^Run now: /,                             'acts',       'acts',    'acts',    'none'),
  act('/workers',                   /^Drain…$/,                               'acts',       'none',    'none',    'none'),
  act('/workers',                   /^Pause the platform…$/,                  'acts',       'none',    'none',    'none'),
  act('/alerts',                    /^New rule$/,                             'acts',       'acts',    'none',    'none'),
  act('/alerts',                    /^Test /,                                 'acts',       'acts',    'none',    'none'),
  act('/alerts',                    /^Delete /,                               'acts',       'acts',    'none',    'none'),
  act('/alerts',                    / is switched (on|off)$/,                 'acts',       'acts',    'none',    'none'),
  act('/job-types',                 /^New job type$/,                         'acts',       'none',    'none',    'none'),
  act('/job-types',                 /^(Change the|Ask for another) limit of /, 'acts',      'asks',    'asks',    'none'),
  act('/job-types/sample.noop',     /^(Change the|Ask for another) limit of /, 'acts',      'asks',    'asks',    'none'),
  act('/job-types/sample.noop',     /^Pause$/,                                'acts',       'none',    'none',    'none'),
  act('/organization',              /^(Invite|New API key)$/,                 'acts',       'acts',    'none',    'none'),
  act('/organization',              /^Actions for /,                          'acts',       'acts',    'none',    'none'),
  act('/organization?tab=keys',     /^Revoke /,                               'acts',       'acts',    'none',    'none'),
  act('/organization?tab=keys',     /^(Invite|New API key)$/,                 'acts',       'acts',    'none',    'none'),
  act('/organization?tab=limits',   /^(Change the|Ask for another) limit of /, 'acts',      'asks',    'none',    'none'),
  act('/organization?tab=limits',   /^(Invite|New API key)$/,                 'acts',       'acts',    'none',    'none'),
  act('/organization?tab=settings', /^Pause…$/,                               'acts',       'acts',    'none',    'none'),
  act('/organization?tab=settings', /^Suspend…$/,                             'acts',       'none',    'none',    'none'),
  act('/organization?tab=settings', /^(Invite|New API key)$/,                 'acts',       'acts',    'none',    'none'),
]

/** Buttons that only show something else, on any page. Those that begin with a bracket fold a value of shown JSON. */
const READS =
  /^(Copy .*|Columns|Views|Status|State|Type|Why|Priority|Created|Mine|Newer|Older|All [\d,]+ causes|Chart|Table|Settings|Versions\s*\d*|Members|API keys|Limits|Show earlier ones|Who|Act|About|When|Order|(.*: )?[{[].*|\d+ marks|.*\d\d:\d\d:\d\d UTC|Smaller|Larger|All in sight|\d+ new|What (died first|was canceled|they waited for)|[\d,]+\+? jobs ended first)$/

interface Found {
  name: string
  refused: boolean
}

/** The buttons of a page, and the links that lead to a form. */
const buttonsOf = (page: Page): Promise<Found[]> =>
  page
    .getByRole('main')
    .locator('button:visible, a[href*="/submit"]:visible, a[href*="~new"]:visible')
    .evaluateAll((all) =>
      (all as HTMLElement[]).map((one) => ({
        name: (one.getAttribute('aria-label') ?? one.innerText).replaceAll(/\s+/g, ' ').trim(),
        refused: one.getAttribute('aria-disabled') === 'true' || (one as HTMLButtonElement).disabled,
      })),
    )

function offerOf(found: readonly Found[]): Offer | 'some of each' {
  const offers = new Set(
    found.map(({ name, refused }) => (refused ? 'refused' : name.startsWith('Ask ') ? 'asks' : 'acts')),
  )
  const [offer = 'none', another] = offers
  return another ? 'some of each' : offer
}

/**
 * How a page differs from the table for a role: an act that is offered in another way, and a button that is in no row.
 * The organization must have a schedule and an alert rule. Where no job of it waits for a limit, `none` is right for
 * every role at the buttons that change one on the overview.
 */
export async function differences(page: Page, on: string, role: Role): Promise<string[]> {
  const all = await buttonsOf(page)
  const rows = ACTS.filter((row) => row.on === on)
  const wrong = rows.flatMap((row) => {
    const offer = offerOf(all.filter(({ name }) => row.button.test(name)))
    const ofSomeJobs = on === '/' && row.button.source.includes('limit')
    return offer === row[role] || (ofSomeJobs && offer === 'none')
      ? []
      : [`${role} on ${on}: ${row.button.source} is “${offer}”, not “${row[role]}”`]
  })
  const strange = all.filter(
    ({ name, refused }) => !refused && !READS.test(name) && !rows.some(({ button }) => button.test(name)),
  )
  return [...wrong, ...strange.map(({ name }) => `${role} on ${on}: “${name}” is in no row of the table`)]
}
