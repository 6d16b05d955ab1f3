export type Case = readonly [
  command: string,
  format: string,
  args: readonly string[],
  read?: (text: string) => unknown,
];
export const CASES: readonly Case[];
export function run(argv: readonly string[], read?: (text: string) => unknown): Promise<string>;
