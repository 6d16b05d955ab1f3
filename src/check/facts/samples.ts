import type { Series } from '../language/value.ts';

const NONE = new Float64Array(0);
const LEAST = 8;

/** Numbers that are measured one by one, each at a packet, in as little memory as that takes. */
export class Samples implements Series {
  private valueStore: Float64Array<ArrayBuffer> = NONE;
  private frameStore: Float64Array<ArrayBuffer> = NONE;
  length = 0;

  add(value: number, frame: number): void {
    if (this.length === this.valueStore.length) {
      this.valueStore = grown(this.valueStore);
      this.frameStore = grown(this.frameStore);
    }
    this.valueStore[this.length] = value;
    this.frameStore[this.length++] = frame;
  }

  get values(): Float64Array {
    return this.valueStore.subarray(0, this.length);
  }

  get frames(): Float64Array {
    return this.frameStore.subarray(0, this.length);
  }
}

function grown(store: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(Math.max(2 * store.length, LEAST));
  larger.set(store);
  return larger;
}
