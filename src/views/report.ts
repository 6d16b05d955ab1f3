import type { PlacedLoss, SeenConnection, Vantage } from '../model/sight.ts';

/** Of so many vantages an order is told. */
export const MAX_ORDERED = 256;

/** Packets that were seen at one vantage and not at the next on their way. */
export interface PlacedLossReport {
  from: string;
  to: string;
  packets: number;
  /** Packet numbers of the first ones, at `from`. */
  evidence: number[];
}

/** A point of view of a capture that has several. */
export interface VantageReport {
  name: string;
  /** TCP packets that it saw, and connections that have one here. */
  packets: number;
  connections: number;
  /** Connections on whose packets here the analysis ran. */
  analysed: number;
  /** Place on the way from client to server, from 0; null beside the way, and where the order is not known. */
  place: number | null;
}

/** A connection as several vantages saw it. */
export interface ViewsReport {
  /** The vantage on whose packets the analysis ran. */
  analysed: string | null;
  vantages: {
    name: string;
    /** Packets of the client and of the server that it saw. */
    fromClient: number;
    fromServer: number;
    /** As above, for this connection. */
    place: number | null;
  }[];
  /** Between which vantages packets were lost. */
  losses: PlacedLossReport[];
}

/** What each vantage saw of a connection, as plain data. */
export function viewsReport(views: SeenConnection): ViewsReport {
  const path = views.path();
  return {
    analysed: views.base?.name ?? null,
    vantages: views.shares
      .filter(({ fromClient, fromServer }) => fromClient + fromServer > 0)
      .map(({ vantage, fromClient, fromServer }) => ({
        name: vantage.name,
        fromClient,
        fromServer,
        place: placeOf(vantage, path),
      })),
    losses: views.losses.map(lossReport),
  };
}

/** Packets that were lost between two vantages, as plain data. */
export function lossReport({ from, to, packets, frames }: PlacedLoss): PlacedLossReport {
  return { from: from.name, to: to.name, packets, evidence: [...frames] };
}

/** The vantages in the order of the path, as plain data. */
export function vantageReports(vantages: readonly Vantage[], views: Iterable<SeenConnection>): VantageReport[] {
  const path = pathOfAll(vantages, views);
  return vantages
    .filter(({ frames }) => frames > 0)
    .map((vantage) => {
      const { name, frames, connections, chosen } = vantage;
      return { name, packets: frames, connections, analysed: chosen, place: placeOf(vantage, path) };
    });
}

function placeOf(vantage: Vantage, path: readonly Vantage[]): number | null {
  const at = path.indexOf(vantage);
  return at < 0 ? null : at;
}

/** The vantages from client to server in the order that most connections show; none where as many show another, or too many are known. */
export function pathOfAll(vantages: readonly Vantage[], all: Iterable<SeenConnection>): Vantage[] {
  const before = new Map<number, number>();
  const key = (a: Vantage, b: Vantage) => a.index * vantages.length + b.index;
  const on = new Set<Vantage>();
  for (const views of new Set(all)) {
    const path = views.path();
    if (path.length > 1) for (const vantage of path) on.add(vantage);
    if (on.size > MAX_ORDERED) return [];
    path.forEach((vantage, i) => {
      for (const later of path.slice(i + 1))
        before.set(key(vantage, later), (before.get(key(vantage, later)) ?? 0) + 1);
    });
  }
  const lead = (a: Vantage, b: Vantage) => (before.get(key(a, b)) ?? 0) - (before.get(key(b, a)) ?? 0);
  const ranks = new Map(
    [...on].map((vantage) => [vantage, [...on].filter((other) => lead(other, vantage) > 0).length]),
  );
  const path = [...on].sort((a, b) => ranks.get(a)! - ranks.get(b)!);
  const isKnown = path.every((vantage, i) => i === 0 || lead(path[i - 1], vantage) > 0);
  return isKnown ? path : [];
}
