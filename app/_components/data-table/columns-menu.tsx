'use client'

import { Columns3 } from 'lucide-react'
import { buttonClass } from '../button-class'
import { Menu, MenuCheckItem, MenuContent, MenuItem, MenuSeparator, MenuTrigger } from '../menu'
import { useMedia } from '../use-media'
import { useColumnChoice } from './column-choice'
import { isDrawn, type Column } from './columns'

/**
 * A menu that chooses the columns of the table of this name. A phone shows cards in place of rows, so it needs no menu.
 */
export function ColumnsMenu<Row>({ table, columns }: { table: string; columns: readonly Column<Row>[] }) {
  const [choice, change] = useColumnChoice(table)
  // From which width of the window columns with `from: 'lg'` and `from: 'xl'` are shown. These are Tailwind's widths.
  const room = { lg: useMedia('(min-width: 1024px)'), xl: useMedia('(min-width: 1280px)') }
  const isShown = (column: Column<Row>) =>
    isDrawn(column, choice.shown) && (choice.shown[column.key] ?? (column.from ? room[column.from] : true))
  const touched = Object.keys(choice.shown).length + Object.keys(choice.widths).length > 0
  return (
    <Menu>
      <MenuTrigger className={buttonClass('ghost', 'md', 'max-md:hidden')}>
        <Columns3 aria-hidden /> Columns
      </MenuTrigger>
      <MenuContent align="end">
        {columns
          .filter(({ alwaysShown }) => !alwaysShown)
          .map((column) => (
            <MenuCheckItem
              key={column.key}
              checked={isShown(column)}
              onCheckedChange={(on) =>
                change((before) => ({ ...before, shown: { ...before.shown, [column.key]: on } }))
              }
            >
              {column.header}
            </MenuCheckItem>
          ))}
        {touched ? (
          <>
            <MenuSeparator />
            <MenuItem onSelect={() => change(() => ({ shown: {}, widths: {} }))}>As at first</MenuItem>
          </>
        ) : null}
      </MenuContent>
    </Menu>
  )
}
