import type { Endpoint } from '../model/connection.ts';

/** A key for the address of an endpoint, cheap for IPv4: one number. */
export function hostKey(endpoint: Endpoint): number | string {
  return endpoint.connection.ipVersion === 4 ? endpoint.w3 : endpoint.address;
}

export function sameAddress(one: Endpoint, other: Endpoint): boolean {
  return one.w3 === other.w3 && one.w2 === other.w2 && one.w1 === other.w1 && one.w0 === other.w0;
}

export function sameSocket(one: Endpoint, other: Endpoint): boolean {
  return one.port === other.port && sameAddress(one, other);
}
