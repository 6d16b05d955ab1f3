import type { AnalyzeOptions } from '../../src/analysis.ts';
import { Analyzer } from '../../src/analyze.ts';
import { CaptureReader } from '../../src/capture/reader.ts';
import type { Connection } from '../../src/model/connection.ts';
import type { Endpoint } from '../../src/model/endpoint.ts';
import type { Conflict, Excluded, LimitHit, StreamEnd, StreamSink } from '../../src/model/stream.ts';
import { Reassembler } from '../../src/tcp/reassembler.ts';
import type { ReassemblyOptions } from '../../src/tcp/reassembly-options.ts';
import { type ScenarioOptions, scenario } from '../support/scenario.ts';

/** What came of one connection. Lines of `log`: direction (`>` from the client), what, where. */
export class Streams implements StreamSink {
  readonly connection: Connection;
  readonly log: string[] = [];
  readonly conflicts: Conflict[] = [];
  readonly excluded_: Excluded[] = [];
  readonly limits: LimitHit[] = [];
  readonly ends: StreamEnd[] = [];
  private readonly parts = new Map<Endpoint, { next: number; chunks: Uint8Array[] }>();

  constructor(connection: Connection) {
    this.connection = connection;
    for (const side of [connection.a, connection.b]) this.parts.set(side, { next: 0, chunks: [] });
  }

  chunk(sender: Endpoint, offset: number, bytes: Uint8Array, frame: number): void {
    this.inOrder(sender, offset, offset + bytes.length);
    this.parts.get(sender)!.chunks.push(new Uint8Array(bytes));
    this.log.push(`${arrow(sender)} ${offset} "${Buffer.from(bytes).toString('latin1')}" frame ${frame}`);
  }

  gap(sender: Endpoint, start: number, end: number, type: string): void {
    this.inOrder(sender, start, end);
    this.log.push(`${arrow(sender)} ${start}-${end} ${type}`);
  }

  urgent(sender: Endpoint, offset: number, octet: number, frame: number): void {
    this.log.push(`${arrow(sender)} ${offset} urgent "${String.fromCharCode(octet)}" frame ${frame}`);
  }

  conflict(conflict: Conflict): void {
    this.conflicts.push(conflict);
    const { sender, start, end, kept, earlier, later } = conflict;
    this.log.push(`${arrow(sender)} ${start}-${end} conflict of ${earlier.frame} and ${later.frame}: ${kept}`);
  }

  excluded(excluded: Excluded): void {
    this.excluded_.push(excluded);
    const { sender, start, end, reason, frame } = excluded;
    this.log.push(`${arrow(sender)} ${start}-${end} excluded ${reason} frame ${frame}`);
  }

  limit(hit: LimitHit): void {
    this.limits.push(hit);
  }

  end(end: StreamEnd): void {
    this.ends.push(end);
  }

  data(side: 'client' | 'server'): Buffer {
    return Buffer.concat(this.parts.get(this.connection[side])!.chunks);
  }

  text(side: 'client' | 'server'): string {
    return this.data(side).toString('latin1');
  }

  endOf(side: 'client' | 'server'): StreamEnd {
    return this.ends.find((end) => end.sender === this.connection[side])!;
  }

  get gaps(): string[] {
    return this.log.filter((line) => /^[<>] \d+-\d+ \S+$/.test(line));
  }

  private inOrder(sender: Endpoint, start: number, end: number): void {
    const part = this.parts.get(sender)!;
    if (start < part.next) throw new Error(`${start} comes after ${part.next}`);
    part.next = end;
  }
}

function arrow(sender: Endpoint): string {
  return sender.isClient ? '>' : '<';
}

/** Reassembles every connection of a capture. */
export function reassemble(
  capture: Uint8Array,
  options: Partial<ReassemblyOptions> = {},
  analysis: AnalyzeOptions = {},
): Streams[] {
  const running = new Map<Connection, { streams: Streams; reassembler: Reassembler }>();
  const analyzer = new Analyzer({
    ...analysis,
    onSegment: (t, view) => {
      let one = running.get(t.connection);
      if (one === undefined) {
        const streams = new Streams(t.connection);
        one = { streams, reassembler: new Reassembler(t.connection, streams, options) };
        running.set(t.connection, one);
      }
      one.reassembler.segment(t, view);
    },
  });
  const reader = new CaptureReader(analyzer);
  reader.open('test');
  reader.write(capture);
  reader.end();
  analyzer.end();
  for (const { reassembler } of running.values()) reassembler.end();
  return [...running.values()].map(({ streams }) => streams);
}

/** Reassembles the one connection of a scenario. */
export function streamsOf(
  text: string,
  options: Partial<ReassemblyOptions> = {},
  about: ScenarioOptions = {},
): Streams {
  return reassemble(scenario(about, text).pcap, options)[0];
}
