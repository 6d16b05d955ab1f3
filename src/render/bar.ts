const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** `share` of `width` characters, to an eighth of a character; what is there shows, however little. */
export function bar(share: number, width: number): string {
  const eighths = Math.round(Math.min(Math.max(share, 0), 1) * width * 8);
  const shown = share > 0 ? Math.max(eighths, 1) : 0;
  return '█'.repeat(shown >> 3) + EIGHTHS[shown & 7];
}
