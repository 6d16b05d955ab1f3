import { ACK } from '../model/flags.ts';
import { Known, type Sightings } from './sightings.ts';

/** Of sure pairs, in so many thousandths a trait is equal where nothing on the way changes it. */
const KEPT_PER_MILLE = 980;

/** Which parts of a packet are the same at two vantages, as the packets that are surely the same show. */
export class Traits {
  /** Where one is false, nothing follows from a difference. Where nothing was seen yet, it is true. */
  ipId = true;
  timestamps = true;
  ack = true;
  window = true;
  sack = true;
  sum = true;
  /** Every packet of either vantage tells its timestamps (or says that it has none), and its IP ID: they can be a part of a key. */
  timestampsEverywhere = true;
  ipIdEverywhere = true;

  /** How often each was equal, and was not. */
  private readonly equal = new Int32Array(6);
  private readonly different = new Int32Array(6);

  /** `i` of `a` and `j` of `b` are surely one packet. `ackShift` leads from an ACK number of `a` to that of `b`. */
  learn(a: Sightings, i: number, b: Sightings, j: number, ackShift: number): void {
    const both = a.known[i] & b.known[j];
    if (both & Known.IP_ID) this.note(0, a.ipId[i] === b.ipId[j]);
    if (both & Known.TIMESTAMPS) this.note(1, a.tsVal[i] === b.tsVal[j] && a.tsEcr[i] === b.tsEcr[j]);
    if (a.flags[i] & b.flags[j] & ACK) this.note(2, (a.ack[i] + ackShift) >>> 0 === b.ack[j]);
    this.note(3, a.window[i] === b.window[j]);
    if (a.sack[i] !== 0 || b.sack[j] !== 0) this.note(4, a.sack[i] === b.sack[j]);
    if (both & Known.SUM && a.payload[i] > 0) this.note(5, a.sum[i] === b.sum[j]);
    if ((a.known[i] ^ b.known[j]) & Known.TIMESTAMPS) this.timestampsEverywhere = false;
    if ((a.known[i] ^ b.known[j]) & Known.IP_ID) this.ipIdEverywhere = false;
  }

  /** Draws the conclusions. */
  conclude(): void {
    this.ipId = this.isKept(0);
    this.timestamps = this.isKept(1);
    this.ack = this.isKept(2);
    this.window = this.isKept(3);
    this.sack = this.isKept(4);
    this.sum = this.isKept(5);
  }

  /** May they be one packet, as far as these traits tell? */
  agree(a: Sightings, i: number, b: Sightings, j: number, ackShift: number): boolean {
    const both = a.known[i] & b.known[j];
    if (this.ipId && both & Known.IP_ID && a.ipId[i] !== b.ipId[j]) return false;
    if (this.timestamps && both & Known.TIMESTAMPS && (a.tsVal[i] !== b.tsVal[j] || a.tsEcr[i] !== b.tsEcr[j]))
      return false;
    if ((a.flags[i] ^ b.flags[j]) & ACK) return false;
    if (this.ack && a.flags[i] & ACK && (a.ack[i] + ackShift) >>> 0 !== b.ack[j]) return false;
    if (this.window && a.window[i] !== b.window[j]) return false;
    if (this.sack && a.sack[i] !== b.sack[j]) return false;
    return !(this.sum && both & Known.SUM && a.sum[i] !== b.sum[j]);
  }

  private note(trait: number, isEqual: boolean): void {
    if (isEqual) this.equal[trait]++;
    else this.different[trait]++;
  }

  private isKept(trait: number): boolean {
    const all = this.equal[trait] + this.different[trait];
    return all === 0 || this.equal[trait] * 1000 >= all * KEPT_PER_MILLE;
  }
}
