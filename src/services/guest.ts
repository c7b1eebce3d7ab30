/**
 * Who is at the other end of a link that came in, and what of its frames is still to come. What must
 * hold: one of another region brings nothing but its greeting; a client of one is told of which region
 * this node is, since it would wait in vain for a reason otherwise.
 */
import { ByteWriter, Malformed } from '../world/bytes.ts';
import type { Link } from '../world/wire.ts';
import { readHello } from './hello.ts';
import type { Hello } from './hello.ts';
import { LeaseReader } from './leaseRounds.ts';
import type { RegionConfig } from './nodeConfig.ts';
import { Assembly } from './parts.ts';
import { greetingId, writeResponse } from './requestCodec.ts';

export interface Guest {
  readonly hello: Hello;
  readonly leases: LeaseReader;
  readonly assembly: Assembly;
  /** It was told so, its link is closing, and nothing that it brings is read. */
  readonly refused: boolean;
}

/** What the first frame of a link tells; one that is no greeting closes it by what this throws. */
export function welcome(content: Uint8Array, link: Link, { region, nodes }: RegionConfig): Guest {
  const hello = readHello(content);
  const isPeer = hello.role === 'peer';
  const known = !isPeer || nodes.some(({ id }) => id === hello.from);
  const refused = hello.region !== region || !known;
  if (refused && isPeer) throw new Malformed('of another region');
  if (refused) {
    const answer = new ByteWriter();
    writeResponse(answer, { id: greetingId, status: 'refused', value: region, leader: '' });
    link.send(answer.take());
    link.close();
  }
  return { hello, leases: new LeaseReader(), assembly: new Assembly(), refused };
}
