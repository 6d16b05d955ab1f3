/** What makes each capture, given how many packets (interfaces, megabytes) it is to have; and how many the whole one has. */
export declare const BOMBS: Readonly<
  Record<string, readonly [make: (n: number) => Iterable<Uint8Array>, most: number]>
>;
