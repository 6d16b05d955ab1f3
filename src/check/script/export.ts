import { flagLetters } from '../../model/flags.ts';
import { Option } from '../../model/segment.ts';
import type { FlowFacts } from '../facts/flow-facts.ts';
import type { PacketFact } from '../facts/packet-fact.ts';

/**
 * One packet as a line of a script. `before`: the packet that its time counts from, null for the first. `isPattern`: what differs
 * from run to run, the values of timestamps, is left open.
 */
export function packetLine(packet: PacketFact, before: PacketFact | null, isPattern = false): string {
  return lineAt(`+${seconds(packet.time - (before?.time ?? packet.time))}`, packet, isPattern);
}

function lineAt(time: string, packet: PacketFact, isPattern: boolean): string {
  const direction = packet.sender.isClient ? '>' : '<';
  const { seq, payload, ack, rawWindow } = packet;
  const range = `${seq}:${seq + payload}(${payload})`;
  const acknowledges = ack < 0 ? '' : ` ack ${ack}`;
  const options = optionText(packet, isPattern);
  return `${time} ${direction} ${flagLetters(packet.flags)} ${range}${acknowledges} win ${rawWindow}${options}`;
}

/**
 * The whole connection as a script that matches it, and any other run of the same exchange. Not `isClocked`: no clock gave the times, and
 * the script leaves them open.
 */
export function exportScript({ packets, connection }: FlowFacts, isClocked: boolean): string {
  const lines = packets.map((packet, i) =>
    isClocked ? packetLine(packet, packets[i - 1] ?? null, true) : lineAt('*', packet, true),
  );
  const head = `// ${connection.client.name} > ${connection.server.name}, ${packets.length} packets`;
  return `${[head, ...lines, 'end'].join('\n')}\n`;
}

/** Seconds with microseconds, as short as they are. */
function seconds(nanoseconds: number): string {
  const text = (nanoseconds / 1e9).toFixed(6).replace(/0+$/, '').replace(/\.$/, '');
  return text === '' ? '0' : text;
}

function optionText({ options }: PacketFact, isPattern: boolean): string {
  const { present, mss, wscale, tsVal, tsEcr, sack } = options;
  const items: string[] = [];
  if (present & Option.MSS) items.push(`mss ${mss}`);
  if (present & Option.SACK_PERMITTED) items.push('sackOK');
  if (present & Option.TIMESTAMPS) {
    // That nothing is echoed yet is the same in every run (RFC 7323 section 3.2).
    const echo = isPattern && tsEcr !== 0 ? '*' : tsEcr;
    items.push(`TS val ${isPattern ? '*' : tsVal} ecr ${echo}`);
  }
  if (present & Option.WSCALE) items.push(`wscale ${wscale}`);
  if (present & Option.SACK) {
    const blocks = [];
    for (let i = 0; i < sack.length; i += 2) blocks.push(`${sack[i]}:${sack[i + 1]}`);
    items.push(`sack ${blocks.join(' ')}`);
  }
  return items.length === 0 ? '' : ` <${items.join(',')}>`;
}
