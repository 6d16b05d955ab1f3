/** The documents that findings cite. */
export type RfcNumber =
  | 1122
  | 2018
  | 2883
  | 2923
  | 3168
  | 3522
  | 4987
  | 5681
  | 5682
  | 5961
  | 6298
  | 6675
  | 6928
  | 7323
  | 7413
  | 8684
  | 8985
  | 9293;

export interface Citation {
  readonly rfc: RfcNumber;
  readonly section: string;
}

/** A citation of a section that the detectors rest on. */
export function rfc(number: RfcNumber, section: string): Citation {
  return { rfc: number, section };
}

/** `RFC 9293 3.8.6.1`. */
export function citationText({ rfc, section }: Citation): string {
  return `RFC ${rfc} ${section}`;
}
