/** Which fields and items of a value some keyword has looked at: what `unevaluatedProperties` and `unevaluatedItems` ask. */
export class Evaluated {
  private readonly fields = new Set<string>()
  private readonly items = new Set<number>()
  private firstItems = 0

  field(name: string): void {
    this.fields.add(name)
  }

  item(index: number): void {
    this.items.add(index)
  }

  /** All items before `count`. */
  upTo(count: number): void {
    this.firstItems = Math.max(this.firstItems, count)
  }

  hasField = (name: string): boolean => this.fields.has(name)
  hasItem = (index: number): boolean => index < this.firstItems || this.items.has(index)

  /** What a schema beside it, that the same value fits, has looked at. */
  add(other: Evaluated): void {
    for (const name of other.fields) this.fields.add(name)
    for (const index of other.items) this.items.add(index)
    this.upTo(other.firstItems)
  }
}
