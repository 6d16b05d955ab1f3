import type { Heard } from './heard.ts';

/**
 * Was the latest reduction needless? Three signs: D-SACKs for all that was sent again (RFC 3708), an echo older than the first
 * retransmission (Eifel, RFC 3522), and after a timeout the acknowledgement of data that was not sent again (F-RTO, RFC 5682).
 */
export class Undo {
  private possible = false;
  /** Left edge at the start of the episode: D-SACKs below it speak of earlier ones. */
  private marker = 0;
  /** Retransmissions that no D-SACK has named yet. */
  private unnamed = 0;
  /** TSval of the first retransmission, -1 without, and its first byte. */
  private firstTsVal = -1;
  private first = 0;
  /** End of the highest retransmission. */
  private repairedTo = 0;

  /** An episode begins; `leftovers` retransmissions of an earlier one are still under way. */
  begin(una: number, leftovers: number): void {
    this.possible = true;
    this.marker = una;
    this.unnamed = leftovers;
    // Stamps of retransmissions that are under way would be taken for those of the originals.
    if (this.repairedTo <= una) this.firstTsVal = -1;
    this.repairedTo = Math.max(this.repairedTo, una);
  }

  /** No undo of this reduction. */
  forbid(): void {
    this.possible = false;
  }

  repeats(start: number, end: number, tsVal: number): void {
    this.unnamed++;
    this.repairedTo = Math.max(this.repairedTo, end);
    if (this.firstTsVal >= 0) return;
    this.firstTsVal = tsVal;
    this.first = start;
  }

  /**
   * Takes one ACK; true when it shows that the reduction was needless. `inEpisode`: the episode lasts; `afterTimeout`: it began
   * with a timeout, all up to `recover` was under way then, and `highSacked` is the highest offset reported by SACK.
   */
  isNeedless(heard: Heard, inEpisode: boolean, afterTimeout: boolean, recover: number, highSacked: number): boolean {
    if (!this.possible) return false;
    if (heard.dsack && heard.dsackEnd > this.marker && this.unnamed > 0 && --this.unnamed === 0) return this.found();
    if (!inEpisode) return false;
    if (this.firstTsVal >= 0 && heard.tsEcr >= 0) {
      // What is acknowledged below it may have been sent again before the capture began.
      const covers = heard.advances && heard.ack > this.first;
      return covers && ((heard.tsEcr - this.firstTsVal) | 0) < 0 && this.found();
    }
    if (!afterTimeout || heard.ack > recover) return false;
    const beyond = heard.advances && heard.ack > this.repairedTo;
    const sackedBeyond = heard.newlySacked > 0 && highSacked > this.repairedTo;
    return (beyond || sackedBeyond) && this.found();
  }

  private found(): true {
    this.possible = false;
    return true;
  }
}
