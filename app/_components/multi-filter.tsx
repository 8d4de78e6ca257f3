'use client'

import { ChevronDown } from 'lucide-react'
import type { ReactNode } from 'react'
import { buttonClass } from './button-class'
import { cn } from './cn'
import { Menu, MenuCheckItem, MenuContent, MenuItem, MenuSeparator, MenuTrigger } from './menu'
import { visibleContent, VisibleText } from './visible-text'

// A filter above a table that takes several of many values.

interface Option {
  value: string
  label: string
  icon?: ReactNode
  note?: string
}

export const filterClass = (chosen: boolean) =>
  buttonClass('secondary', 'md', cn('max-w-60 shadow-none', chosen && 'border-accent!'))

/** The face of a filter's button: its name and what is chosen. */
export const FilterFace = ({ name, chosen }: { name: string; chosen: string[] }) => (
  <>
    <span className={cn(chosen.length > 0 && 'text-muted')}>{name}</span>
    {chosen.length > 0 ? (
      <span className="truncate">
        {visibleContent(chosen[0])}
        {chosen.length > 1 ? ` +${chosen.length - 1}` : ''}
      </span>
    ) : null}
    <ChevronDown aria-hidden className="text-faint" />
  </>
)

export const FilterTrigger = (face: { name: string; chosen: string[] }) => (
  <MenuTrigger className={filterClass(face.chosen.length > 0)}>
    <FilterFace {...face} />
  </MenuTrigger>
)

interface Props {
  name: string
  options: Option[]
  value: string[]
  onChange: (value: string[]) => void
}

/** A filter that takes several of many values. It stays open while the reader chooses. */
export function MultiFilter({ name, options, value, onChange }: Props) {
  const chosen = options.filter((option) => value.includes(option.value))
  return (
    <Menu>
      <FilterTrigger name={name} chosen={chosen.map((option) => option.label)} />
      <MenuContent className="max-w-80">
        {options.length === 0 ? <p className="px-2 py-1.5 text-sm text-faint">Nothing to choose from</p> : null}
        {options.map((option) => (
          <MenuCheckItem
            key={option.value}
            checked={value.includes(option.value)}
            onCheckedChange={(on) =>
              onChange(on ? [...value, option.value] : value.filter((one) => one !== option.value))
            }
          >
            {option.icon}
            <span className="truncate">
              <VisibleText text={option.label} />
            </span>
            {option.note ? <span className="ml-auto pl-3 font-mono text-xs text-faint">{option.note}</span> : null}
          </MenuCheckItem>
        ))}
        {chosen.length > 0 ? (
          <>
            <MenuSeparator />
            <MenuItem onSelect={() => onChange([])}>Clear</MenuItem>
          </>
        ) : null}
      </MenuContent>
    </Menu>
  )
}
