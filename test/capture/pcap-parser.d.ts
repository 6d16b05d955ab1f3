/** The package has no types of its own. Only what the tests use. */
declare module 'pcap-parser' {
  import type { EventEmitter } from 'node:events';

  interface PcapParserPacket {
    header: {
      timestampSeconds: number;
      timestampMicroseconds: number;
      capturedLength: number;
      originalLength: number;
    };
    data: Buffer;
  }

  interface PcapParserStream extends EventEmitter {
    on(event: 'packet', listener: (packet: PcapParserPacket) => void): this;
    on(event: 'globalHeader', listener: (header: { linkLayerType: number; snapshotLength: number }) => void): this;
    on(event: 'error', listener: (error: Error) => void): this;
    on(event: 'end', listener: () => void): this;
  }

  export function parse(input: EventEmitter): PcapParserStream;
}
