/**
 * Remembers which fields and items of a value have been checked by some keyword. `unevaluatedProperties` and
 * `unevaluatedItems` apply to the rest.
 */
export class Evaluated {
  private readonly fields = new Set<string>()
  private readonly items = new Set<number>()
  private firstItems = 0

  addField(name: string): void {
    this.fields.add(name)
  }

  addItem(index: number): void {
    this.items.add(index)
  }

  /** Notes that all items before `count` have been checked. */
  addItemsBefore(count: number): void {
    this.firstItems = Math.max(this.firstItems, count)
  }

  hasField = (name: string): boolean => this.fields.has(name)
  hasItem = (index: number): boolean => index < this.firstItems || this.items.has(index)

  /** Adds what another schema has checked, after the same value was found to fit it. */
  add(other: Evaluated): void {
    for (const name of other.fields) this.fields.add(name)
    for (const index of other.items) this.items.add(index)
    this.addItemsBefore(other.firstItems)
  }
}
