import { ChecksumStatus, type SegmentView } from '../model/segment.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import type { Gatherer } from './detector.ts';
import { type HeaderSumFacts, HeaderSums } from './header-sums.ts';
import { type OwnIdFacts, OwnIds } from './own-ids.ts';
import { Padding, type PaddingFacts } from './padding.ts';

/** Segments that are needed before one IP ID in all of them says anything. */
const FEW = 5;
/** An end has wrong checksums where it has so many wrong ones, and so many for each right one. */
const LEAST_BAD = 2;
const BAD_FOR_EACH_GOOD = 4;

/** How the packets of a capture show that a program wrote or changed them. */
export type EditSign = 'same-ip-id' | 'own-ip-ids' | 'checksums' | 'damaged' | 'padding';

/** TCP checksums of one end of the connections. */
interface Sums {
  good: number;
  bad: number;
}

/** What the segments of one shard show of changes, as plain data. */
export interface EditFacts {
  readonly senders: number;
  readonly ipId: number;
  readonly sameId: boolean;
  readonly ownIds: OwnIdFacts;
  readonly headerSums: HeaderSumFacts;
  readonly padding: PaddingFacts;
  readonly sums: readonly [Sums, Sums];
}

/** Shows that a program wrote the packets or changed them. */
export class EditSigns implements Gatherer<EditFacts> {
  /** Frame of the first segment, how many ends sent any (two at most), and the IP ID of the first. */
  private firstFrame = 0;
  private senders = 0;
  private ipId = -1;
  private sameId = true;
  readonly ownIds = new OwnIds();
  readonly headerSums = new HeaderSums();
  readonly padding = new Padding();
  /** Of the ends that were seen first, and of the others. */
  private readonly sums: [Sums, Sums] = [
    { good: 0, bad: 0 },
    { good: 0, bad: 0 },
  ];

  see(t: TrackedSegment, view: SegmentView): void {
    const { connection, sender } = t;
    this.ownIds.see(sender, view.ipId);
    this.headerSums.see(sender, view);
    this.padding.see(t, view);
    this.compare(view, sender.index, sender.index === 0 && connection.firstFrame === this.firstFrame);
  }

  /** The first SYN of a connection. */
  opens(view: SegmentView): void {
    this.compare(view, 0, false);
  }

  /** `index`: of the end that sent it. `isOfFirst`: that end had sent the first segment. */
  private compare(view: SegmentView, index: number, isOfFirst: boolean): void {
    if (this.sameId) this.compareId(view, isOfFirst);
    if (view.tcpChecksumStatus === ChecksumStatus.GOOD) this.sums[index].good++;
    else if (view.tcpChecksumStatus === ChecksumStatus.BAD) this.sums[index].bad++;
  }

  private compareId(view: SegmentView, isOfFirst: boolean): void {
    if (this.firstFrame === 0) {
      this.firstFrame = view.frame;
      this.senders = 1;
      this.ipId = view.ipId;
    } else if (!isOfFirst) this.senders = 2;
    if (view.ipId <= 0 || view.ipId !== this.ipId) this.sameId = false;
  }

  gathered(): EditFacts {
    const { senders, ipId, sameId } = this;
    return {
      senders,
      ipId,
      sameId,
      ownIds: this.ownIds.gathered(),
      headerSums: this.headerSums.gathered(),
      padding: this.padding.gathered(),
      sums: [{ ...this.sums[0] }, { ...this.sums[1] }],
    };
  }

  join(shards: readonly EditFacts[]): void {
    for (const { senders, sums } of shards) {
      this.senders += senders;
      this.sums.forEach((sum, i) => {
        sum.good += sums[i].good;
        sum.bad += sums[i].bad;
      });
    }
    this.ownIds.join(shards.map(({ ownIds }) => ownIds));
    this.headerSums.join(shards.map(({ headerSums }) => headerSums));
    this.padding.join(shards.map(({ padding }) => padding));
    this.sameId = shards.every(({ sameId, ipId }) => sameId && ipId === shards[0].ipId);
  }

  /** Of a capture with so many segments of so many connections; null where nothing shows a change. */
  sign(segments: number, connections: number): EditSign | null {
    if (this.sameId && this.senders > 1 && segments >= FEW) return 'same-ip-id';
    if (this.ownIds.areWritten) return 'own-ip-ids';
    if (this.areDamaged(segments)) return 'damaged';
    if (this.padding.isData) return 'padding';
    // A card completes what its own host sends, and what the other end sends arrives complete.
    const [a, b] = this.sums;
    return connections > 0 && areWrong(a) && areWrong(b) ? 'checksums' : null;
  }

  /** Bytes of the packets were changed after they had arrived. */
  areDamaged(segments: number): boolean {
    return this.headerSums.areDamaged(segments);
  }
}

function areWrong({ good, bad }: Sums): boolean {
  return bad >= LEAST_BAD && bad > BAD_FOR_EACH_GOOD * good;
}
