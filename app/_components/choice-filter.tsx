'use client'

import { Menu, MenuContent, MenuLabel, MenuRadioGroup, MenuRadioItem, MenuSeparator } from './menu'
import { FilterTrigger } from './multi-filter'
import { VisibleText } from './visible-text'

interface Props {
  name: string
  /** The label of the entry that chooses nothing, such as "Anybody". */
  any: string
  options: readonly { value: string; label: string }[]
  /**
   * The chosen value, or null for no choice. A link may name a value that is no option. Its last characters are then
   * shown as its label.
   */
  value: string | null
  /** What the options lack, below them. */
  note?: string
  onChange: (value: string | null) => void
}

/** The value of the radio button for no choice. */
const ANY = ''

/** A filter that takes one of many values. */
export function ChoiceFilter({ name, any, options, value, note, onChange }: Props) {
  const chosen = value === null ? [] : [options.find((option) => option.value === value)?.label ?? value.slice(-8)]
  return (
    <Menu>
      <FilterTrigger name={name} chosen={chosen} />
      <MenuContent className="max-w-80">
        <MenuRadioGroup value={value ?? ANY} onValueChange={(next) => onChange(next === ANY ? null : next)}>
          <MenuRadioItem value={ANY}>{any}</MenuRadioItem>
          <MenuSeparator />
          {options.map((option) => (
            <MenuRadioItem key={option.value} value={option.value}>
              <VisibleText text={option.label} />
            </MenuRadioItem>
          ))}
        </MenuRadioGroup>
        {note ? <MenuLabel>{note}</MenuLabel> : null}
      </MenuContent>
    </Menu>
  )
}
