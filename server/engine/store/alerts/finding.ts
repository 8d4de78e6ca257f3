/** Something that a rule found not to be in order. */
export interface Finding {
  ruleId: string
  /** The organization that it is about. Null: the platform. */
  organizationId: string | null
  /** Identifies what was found among the findings of its rule and organization, such as a job type or `job <id>`. */
  subject: string
  /** The subject in a few words. */
  label: string
  /** What is wrong with it. */
  text: string
  /** The page of the dashboard that shows it. */
  path: string | null
}
