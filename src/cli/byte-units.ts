/** Bytes of the letters that sizes of the command line end in: 500M. */
export const BYTE_UNITS: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };
