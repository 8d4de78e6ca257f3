import { ArrowUp } from 'lucide-react'
import { Button } from '@/app/_components/button'

/** Says how many jobs have come since the list was drawn. On the table's edge, and in sight while scrolling: it covers no row. */
export function NewJobs({ count, most, onShow }: { count: number; most: number; onShow: () => void }) {
  return (
    <div className="pointer-events-none sticky top-5 z-20 flex h-0 items-center justify-center">
      {count > 0 ? (
        <Button
          size="sm"
          variant="primary"
          className="enter pointer-events-auto rounded-full! shadow-pop"
          onClick={() => {
            onShow()
            window.scrollTo({ top: 0 })
          }}
        >
          <ArrowUp aria-hidden className="size-3.5!" />
          {count >= most ? `${most}+` : count} new
        </Button>
      ) : null}
    </div>
  )
}
