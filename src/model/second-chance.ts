/** An object that somebody else may have while nobody uses it. */
export interface Lendable {
  /** Its place among the others, kept by `SecondChance`; -1 when it is in none. */
  place: number;
  /** Set by whoever uses it, taken back when the hand comes by. */
  wasUsed: boolean;
  /** Nobody loses anything when its contents are written down. */
  readonly canRest: boolean;
}

/**
 * Finds, of many objects, one that was not used lately. A hand goes round and takes the first that was not used since it came by
 * before (the CLOCK or second-chance algorithm of page replacement): a use costs one assignment, and no list is kept in order.
 */
export class SecondChance<T extends Lendable> {
  private readonly objects: T[] = [];
  private hand = 0;

  get size(): number {
    return this.objects.length;
  }

  /** All of them, in no order. */
  get held(): readonly T[] {
    return this.objects;
  }

  /** Takes in an object that is in use. */
  add(object: T): void {
    object.wasUsed = true;
    object.place = this.objects.push(object) - 1;
  }

  /** Lets go of `object`; nothing happens when it is not here. The last one takes its place. */
  remove(object: T): void {
    const { place } = object;
    if (place < 0) return;
    const last = this.objects.pop() as T;
    if (last !== object) {
      this.objects[place] = last;
      last.place = place;
    }
    object.place = -1;
  }

  /** The first, of the next `looks` objects on the way of the hand, that was not used since it came by and can rest. Null: none. */
  next(looks: number): T | null {
    const { objects } = this;
    for (; looks > 0 && objects.length > 0; looks--) {
      if (this.hand >= objects.length) this.hand = 0;
      const object = objects[this.hand];
      if (yields(object)) return object;
      this.hand++;
    }
    return null;
  }

  /** Looks at every object once and calls `take`, which may remove the object, with each that yields. */
  all(take: (object: T) => void): void {
    for (let i = this.objects.length - 1; i >= 0; i--) if (yields(this.objects[i])) take(this.objects[i]);
  }

  /** Removes all of which `isGone` is true. */
  forget(isGone: (object: T) => boolean): void {
    for (let i = this.objects.length - 1; i >= 0; i--) if (isGone(this.objects[i])) this.remove(this.objects[i]);
  }
}

/** One that was used may stay for another round. */
function yields(object: Lendable): boolean {
  if (!object.wasUsed && object.canRest) return true;
  object.wasUsed = false;
  return false;
}
