import { UsageError } from '../model/errors.ts';
import { MAX_VANTAGES } from '../views/packet-table.ts';
import type { Point } from './point.ts';

/** @throws UsageError where there are too few places to compare, or too many */
export function requirePlaces(points: readonly Point[]): void {
  if (points.length < 2)
    throw new UsageError(
      `${points[0]?.file ?? 'the capture'} has one point of view only: name two captures or more, of the same traffic at different places`,
      'For example: tcpscope compare client.pcap server.pcap',
    );
  if (points.length > MAX_VANTAGES)
    throw new UsageError(
      `at most ${MAX_VANTAGES} places can be compared, and the captures have ${points.length}: interfaces, VLANs and tunnels count`,
    );
}

/** Points that are called by the names of their files, with the vantage where a file has several; of one file, by the vantage. */
export function named(points: readonly Point[], fileName: (file: string) => string = (file) => file): readonly Point[] {
  const isOneFile = points.every(({ file }) => file === points[0].file);
  return points.map((point) => {
    const { file, vantage } = point;
    if (vantage === null) return { ...point, name: fileName(file) };
    return { ...point, name: isOneFile ? vantage : `${fileName(file)}:${vantage}` };
  });
}

/** The same, with the last part of the names of the files where these differ. */
export function withShortNames(points: readonly Point[]): readonly Point[] {
  const files = [...new Set(points.map(({ file }) => file))];
  const short = files.map((file) => file.slice(file.lastIndexOf('/') + 1));
  const isTold = new Set(short).size === short.length;
  return named(points, (file) => (isTold ? short[files.indexOf(file)] : file));
}
