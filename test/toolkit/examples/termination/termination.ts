/**
 * Termination detection on a ring. A node knows itself and, while it holds it, the token; it learns of
 * the others only by what they send. Nodes are numbered from 1, and node 1 asks.
 */
export interface Token {
  readonly stained: boolean;
}

export class RingNode {
  readonly number: number;
  readonly ringSize: number;
  readonly active: boolean;
  readonly stained: boolean;
  readonly token: Token | undefined;
  readonly finished: boolean;

  constructor(state: {
    number: number;
    ringSize: number;
    active: boolean;
    stained?: boolean;
    token?: Token | undefined;
    finished?: boolean;
  }) {
    this.number = state.number;
    this.ringSize = state.ringSize;
    this.active = state.active;
    this.stained = state.stained ?? false;
    this.token = state.token;
    this.finished = state.finished ?? false;
  }

  with(change: Partial<RingNode>): RingNode {
    return new RingNode({ ...this, ...change });
  }

  /** The node that the token goes to from here. */
  get below(): number {
    return this.number === 1 ? this.ringSize : this.number - 1;
  }

  get clean(): boolean {
    return !this.active && !this.stained && this.token?.stained === false;
  }
}

export interface Ring {
  readonly nodes: readonly RingNode[];
}

export function ringOf(active: readonly boolean[]): Ring {
  const ringSize = active.length;
  const nodes = active.map((busy, i) => {
    const token = i === 0 ? { stained: true } : undefined;
    return new RingNode({ number: i + 1, ringSize, active: busy, token });
  });
  return { nodes };
}

/** Every combination of busy and idle nodes that the ring may start from. */
export function allRings(size: number): Ring[] {
  return Array.from({ length: 2 ** size }, (_, bits) =>
    ringOf(Array.from({ length: size }, (_, i) => (bits & (2 ** i)) !== 0)),
  );
}

function at({ nodes }: Ring, number: number): RingNode {
  const node = nodes[number - 1];
  if (node === undefined) throw new RangeError(`there is no node ${number}`);
  return node;
}

function put({ nodes }: Ring, ...changed: readonly RingNode[]): Ring {
  return {
    nodes: nodes.map((node) => changed.find(({ number }) => number === node.number) ?? node),
  };
}

export function giveWork(ring: Ring, number: number, to: number): Ring | undefined {
  const giver = at(ring, number);
  if (!giver.active || number === to) return undefined;
  const stained = giver.stained || to > number;
  return put(ring, giver.with({ stained }), at(ring, to).with({ active: true }));
}

export function rest(ring: Ring, number: number): Ring | undefined {
  const node = at(ring, number);
  return node.active ? put(ring, node.with({ active: false })) : undefined;
}

function pass(ring: Ring, from: RingNode, token: Token): Ring {
  const giver = from.with({ token: undefined, stained: false });
  return put(ring, giver, at(ring, from.below).with({ token }));
}

export function sendToken(ring: Ring): Ring | undefined {
  const asker = at(ring, 1);
  if (asker.token === undefined || asker.finished || asker.clean) return undefined;
  return pass(ring, asker, { stained: false });
}

export function handOn(ring: Ring, number: number): Ring | undefined {
  const node = at(ring, number);
  if (number === 1 || node.token === undefined || node.active) return undefined;
  return pass(ring, node, { stained: node.token.stained || node.stained });
}

export function announce(ring: Ring): Ring | undefined {
  const asker = at(ring, 1);
  if (asker.finished || !asker.clean) return undefined;
  return put(ring, asker.with({ finished: true }));
}
