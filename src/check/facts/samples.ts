import type { Series } from '../language/value.ts';

/** Numbers that are measured one by one, each at a packet, in as little memory as that takes. */
export class Samples implements Series {
  private valueStore = new Float64Array(8);
  private frameStore = new Float64Array(8);
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
  const larger = new Float64Array(2 * store.length);
  larger.set(store);
  return larger;
}
