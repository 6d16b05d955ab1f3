import { Fact, type FactSet } from './facts.ts';

const FACTS = Object.keys(Fact).length;

/** The place of the lowest bit of a word that has one. */
function lowest(word: number): number {
  return 31 - Math.clz32(word & -word);
}

/** Who asks for which facts: a row of bits for each fact, so that nobody is looked at who did not ask. */
export class Askers {
  private readonly rowLength: number;
  private readonly rows: Int32Array;
  private readonly asked: Int32Array;
  /** Those that the last call of `choose` has found, in their order. */
  readonly chosen: Uint16Array;

  /** `wanted`: of each asker the facts that it asks for. */
  constructor(wanted: readonly (readonly number[])[]) {
    this.rowLength = (wanted.length + 31) >> 5;
    this.rows = new Int32Array(FACTS * this.rowLength);
    this.asked = new Int32Array(this.rowLength);
    this.chosen = new Uint16Array(wanted.length);
    wanted.forEach((facts, asker) => {
      for (const fact of facts) this.rows[fact * this.rowLength + (asker >> 5)] |= 1 << (asker & 31);
    });
  }

  /** Puts those that ask for one of the facts at least into `chosen`, and returns how many they are. */
  choose({ words }: FactSet): number {
    const { rows, rowLength, asked, chosen } = this;
    asked.fill(0);
    for (let w = 0; w < words.length; w++) {
      for (let facts = words[w]; facts !== 0; facts &= facts - 1) {
        const row = (32 * w + lowest(facts)) * rowLength;
        for (let i = 0; i < rowLength; i++) asked[i] |= rows[row + i];
      }
    }
    let count = 0;
    for (let i = 0; i < rowLength; i++) {
      for (let askers = asked[i]; askers !== 0; askers &= askers - 1) chosen[count++] = 32 * i + lowest(askers);
    }
    return count;
  }
}
