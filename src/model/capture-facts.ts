/** What the capture says of itself, apart from its packets. Filled by the readers. */
export interface CaptureInterface {
  /** LINKTYPE_ value. */
  linkType: number;
  /** Maximum bytes kept of a packet; 0 is no limit. */
  snaplen: number;
  name: string | null;
  description: string | null;
  /** Resolution of the time stamps, such as `1e-6` or `2^-10`. */
  timeResolution: string;
  /** Packets that this interface received and dropped by its own statistics (pcapng ISB), null when it does not say. */
  received: number | null;
  dropped: number | null;
}

/** Damage that was met in the capture: reading went on after it, or stopped there. */
export interface CaptureDamage {
  file: string;
  /** Byte in the decompressed file; null when the file could not be read at all. */
  offset: number | null;
  message: string;
  found: string;
  expected: string;
  /** True when nothing could be read after it. */
  fatal: boolean;
  /** Packets, or bytes of one, are missing because of it. */
  losesPackets: boolean;
}

/** What the times of a capture tell: the date too, the time of day or since some packet only, or nothing. */
export type KnownTimes = 'dated' | 'undated' | 'unknown';

export interface CaptureFacts {
  /** Files of which nothing could be read, while others could. */
  leftOut: string[];
  /** In order of opening. */
  files: string[];
  /** `pcap`, `pcapng` or `text` (a hex dump), per file. */
  formats: string[];
  /** `gzip`, `zstd` or null, per file. */
  compression: (string | null)[];
  byteOrder: ('little' | 'big' | null)[];
  interfaces: CaptureInterface[];
  /** Comments of sections, and names (pcapng NRB) are kept for reports. */
  comments: string[];
  /** Time of the first record that has one: nanoseconds since 1970; null without. */
  firstTimestamp: bigint | null;
  /** Text may lack dates or times; simple packets of pcapng have none. */
  times: KnownTimes;
  damages: CaptureDamage[];
}

/** The facts before anything was read. */
export function emptyCaptureFacts(): CaptureFacts {
  return {
    leftOut: [],
    files: [],
    formats: [],
    compression: [],
    byteOrder: [],
    interfaces: [],
    comments: [],
    firstTimestamp: null,
    times: 'dated',
    damages: [],
  };
}

/** Packets that the capturing system dropped, by its own count; null when it does not say. */
export function droppedBy({ interfaces }: CaptureFacts): number | null {
  let sum: number | null = null;
  for (const { dropped } of interfaces) if (dropped !== null) sum = (sum ?? 0) + dropped;
  return sum;
}
