/** One end of a connection. The address is as `normalAddress` writes it: never IPv4-mapped. */
export interface Endpoint {
  readonly ip: string;
  readonly port: number;
}
