import type { Endpoint } from '../model/endpoint.ts';
import { ChecksumStatus, type SegmentView } from '../model/segment.ts';
import type { Gatherer } from './detector.ts';
import { Memory } from './memory.ts';

/** So many such packets, or hosts that send wrong ones, are no accident: a capture is made beside one host or two. */
const DAMAGED = 3;

/** Packets with a wrong IP header checksum in one shard, and those of them whose ends do not always send such. */
export interface HeaderSumFacts {
  readonly bad: number;
  readonly damaged: number;
  /** Addresses with a wrong one, as many as matter. */
  readonly hosts: readonly string[];
}

/**
 * Were bytes of the packets changed after they had arrived? A router or a host drops a packet whose IP header checksum is wrong (RFC 1122
 * section 3.2.1.2), so what arrived had a right one. A network card that is to fill it in leaves those of all packets of its host alone,
 * or zero. Wrong ones here and there were made later: by a program that changes bytes at random, or by damage to the file.
 */
export class HeaderSums implements Gatherer<HeaderSumFacts> {
  readonly wrong = new Memory<Endpoint, { count: number }>(() => ({ count: 0 }));
  private bad = 0;
  private damaged = 0;
  private readonly hosts = new Set<string>();

  /** `sender` has counted the packet already. */
  see(sender: Endpoint, { ipChecksumStatus, ipChecksumFound }: SegmentView): void {
    if (ipChecksumStatus !== ChecksumStatus.BAD || ipChecksumFound === 0) return;
    this.bad++;
    if (this.hosts.size < DAMAGED) this.hosts.add(sender.address);
    if (sender.packets > ++this.wrong.of(sender).count) this.damaged++;
  }

  gathered(): HeaderSumFacts {
    return { bad: this.bad, damaged: this.damaged, hosts: [...this.hosts] };
  }

  join(shards: readonly HeaderSumFacts[]): void {
    for (const { bad, damaged, hosts } of shards) {
      this.bad += bad;
      this.damaged += damaged;
      for (const host of hosts) this.hosts.add(host);
    }
  }

  /** Of so many segments. Where most are wrong the addresses were replaced. */
  areDamaged(segments: number): boolean {
    return 2 * this.bad <= segments && (this.damaged >= DAMAGED || this.hosts.size >= DAMAGED);
  }
}
