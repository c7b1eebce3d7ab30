/** Termination detection: nodes that each know a part show the whole that Termination.tla has. */
import { defineBinding } from '../../../../conformance/index.ts';
import * as code from './termination.ts';

type Node = { n: number };

export const termination = defineBinding<code.Ring>({
  name: 'termination',
  spec: 'Termination.tla',
  model: 'Termination.cfg',
  init: ({ N }) => code.allRings(N as number),
  view: ({ nodes }) => ({
    active: nodes.map(({ active }) => active),
    stained: nodes.map(({ stained }) => stained),
    token: nodes.flatMap(({ number, token }) => (token ? [{ at: number, ...token }] : []))[0]!,
    finished: nodes[0]!.finished,
  }),
  actions: {
    GiveWork: (ring, { n, to }: Node & { to: number }) => code.giveWork(ring, n, to),
    Rest: (ring, { n }: Node) => code.rest(ring, n),
    SendToken: (ring) => code.sendToken(ring),
    HandOn: (ring, { n }: Node) => code.handOn(ring, n),
    Announce: (ring) => code.announce(ring),
  },
});
