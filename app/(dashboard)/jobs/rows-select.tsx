import { Select } from '@/app/_components/field'
import { PAGE_SIZES, type PageSize } from './use-job-list'

/** Chooses how many rows a page has. */
export const RowsSelect = ({ size, onChange }: { size: PageSize; onChange: (size: PageSize) => void }) => (
  <Select
    aria-label="Rows on a page"
    className="w-28"
    value={size}
    onChange={(event) => onChange(PAGE_SIZES.find((one) => String(one) === event.target.value) ?? PAGE_SIZES[0])}
  >
    {PAGE_SIZES.map((one) => (
      <option key={one} value={one}>
        {one.toLocaleString('en')} rows
      </option>
    ))}
  </Select>
)
