import { flagLetters } from '../../model/flags.ts';
import { Option } from '../../model/segment.ts';
import type { FlowFacts } from '../facts/flow-facts.ts';
import type { PacketFact } from '../facts/packet-fact.ts';

/** One packet as a line of a script. `before`: the packet that its time counts from, null for the first. */
export function packetLine(packet: PacketFact, before: PacketFact | null): string {
  const time = `+${seconds(packet.time - (before?.time ?? packet.time))}`;
  const direction = packet.sender.isClient ? '>' : '<';
  const { seq, payload, ack, rawWindow } = packet;
  const range = `${seq}:${seq + payload}(${payload})`;
  const acknowledges = ack < 0 ? '' : ` ack ${ack}`;
  const options = optionText(packet);
  return `${time} ${direction} ${flagLetters(packet.flags)} ${range}${acknowledges} win ${rawWindow}${options}`;
}

/** The whole connection as a script that matches it. */
export function exportScript({ packets, connection }: FlowFacts): string {
  const lines = packets.map((packet, i) => packetLine(packet, packets[i - 1] ?? null));
  const head = `// ${connection.client.name} > ${connection.server.name}, ${packets.length} packets`;
  return `${[head, ...lines, 'end'].join('\n')}\n`;
}

/** Seconds with microseconds, as short as they are. */
function seconds(nanoseconds: number): string {
  const text = (nanoseconds / 1e9).toFixed(6).replace(/0+$/, '').replace(/\.$/, '');
  return text === '' ? '0' : text;
}

function optionText({ options }: PacketFact): string {
  const { present, mss, wscale, tsVal, tsEcr, sack } = options;
  const items: string[] = [];
  if (present & Option.MSS) items.push(`mss ${mss}`);
  if (present & Option.SACK_PERMITTED) items.push('sackOK');
  if (present & Option.TIMESTAMPS) items.push(`TS val ${tsVal} ecr ${tsEcr}`);
  if (present & Option.WSCALE) items.push(`wscale ${wscale}`);
  if (present & Option.SACK) {
    const blocks = [];
    for (let i = 0; i < sack.length; i += 2) blocks.push(`${sack[i]}:${sack[i + 1]}`);
    items.push(`sack ${blocks.join(' ')}`);
  }
  return items.length === 0 ? '' : ` <${items.join(',')}>`;
}
