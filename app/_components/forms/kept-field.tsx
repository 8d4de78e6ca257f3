'use client'

import { EyeOff } from 'lucide-react'
import { use } from 'react'
import { Button } from '@/app/_components/button'
import { FieldNote } from '@/app/_components/field'
import { MASK } from '@/server/engine/domain/mask'
import { visible } from '@/server/engine/domain/visible'
import { FormContext, type FieldProps } from './form-context'
import { idOf } from './group'
import { labelOf } from './form-node'

/**
 * A sensitive value of an earlier job. The new job takes it over without showing it, unless somebody enters another
 * one.
 */
export function KeptField({ node, name, path, onChange }: FieldProps) {
  const { problemAt } = use(FormContext)
  const label = labelOf(name, node)
  return (
    <div className="grid content-start gap-1.5" role="group" aria-label={visible(label)}>
      <span className="text-sm font-medium">{visible(label)}</span>
      <span className="flex h-control items-center gap-2 rounded border border-line bg-sunken pr-1 pl-2.5 text-sm text-muted pointer-coarse:h-10">
        <EyeOff aria-hidden className="size-4 shrink-0 text-faint" />
        <span className="min-w-0 flex-1 truncate">Kept as it is, unseen</span>
        <Button size="sm" variant="ghost" aria-label={`Replace ${visible(label)}`} onClick={() => onChange(undefined)}>
          Replace
        </Button>
      </span>
      <FieldNote id={idOf(path)} hint={node.description} error={problemAt(path)} />
    </div>
  )
}

/** A button beside a sensitive field that somebody began to replace. It brings the earlier value back. */
export const KeepAgain = ({ onChange }: Pick<FieldProps, 'onChange'>) => (
  <button
    type="button"
    className="-mt-3 w-fit rounded text-xs text-accent underline underline-offset-4 sm:col-span-2"
    onClick={() => onChange(MASK)}
  >
    Keep the earlier value instead
  </button>
)
