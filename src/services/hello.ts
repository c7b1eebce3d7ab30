/**
 * The first frame of a link: who speaks, and of which region. What must hold: a link that begins
 * otherwise, or is of another region or a newer protocol, carries nothing.
 */
import { ByteReader, ByteWriter, Malformed } from '../world/bytes.ts';

export const protocolVersion = 1;
const magic = 0x74;

/** A role's number on the wire is its place here. */
const roles = ['peer', 'client', 'control'] as const;

export interface Hello {
  readonly role: (typeof roles)[number];
  readonly region: string;
  /** A node's id; a client's name. */
  readonly from: string;
}

export function writeHello({ role, region, from }: Hello): Buffer {
  const to = new ByteWriter();
  return to
    .byte(magic)
    .count(protocolVersion)
    .byte(roles.indexOf(role))
    .text(region)
    .text(from)
    .take();
}

export function readHello(content: Uint8Array): Hello {
  const from = new ByteReader(content);
  if (from.byte() !== magic) throw new Malformed('this is no link of a region');
  const version = from.count();
  if (version !== protocolVersion) {
    throw new Malformed(`protocol ${version} here is ${protocolVersion}`);
  }
  const role = roles[from.byte()];
  if (role === undefined) throw new Malformed('of no role');
  const hello = { role, region: from.text(), from: from.text() } as const;
  from.end();
  return hello;
}
