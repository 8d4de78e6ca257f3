'use client'

import { Menu, MenuContent, MenuRadioGroup, MenuRadioItem, MenuSeparator } from './menu'
import { FilterTrigger } from './multi-filter'
import { VisibleText } from './visible-text'

interface Props {
  name: string
  /** What stands for no choice: "Anybody". */
  any: string
  options: readonly { value: string; label: string }[]
  /** Null: none is chosen. One that is no option is shown as it is, because a link may name it. */
  value: string | null
  onChange: (value: string | null) => void
}

/** The value of the radio button for no choice. */
const ANY = ''

/** One of many. */
export function ChoiceFilter({ name, any, options, value, onChange }: Props) {
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
      </MenuContent>
    </Menu>
  )
}
