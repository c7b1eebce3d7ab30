/**
 * Binding of src/protocol/partitionAdmission.ts to specs/admission/PartitionAdmission.tla: one code
 * record per node, a network that keeps the last charge on its way to each follower, and a client
 * that meters what it was admitted. The view is total. What must hold: the network and the meters
 * learn only from the code's outputs, never from its state.
 */
import { defineBinding } from '../../conformance/replay/binding.ts';
import type { TlaValue } from '../../conformance/value/value.ts';
import {
  admitAllocated,
  admitBurst,
  advance,
  charge,
  collect,
  init,
  refill,
  report,
  throttle,
} from '../../src/protocol/partitionAdmission.ts';
import type {
  ChargeMessage,
  Kind,
  Led,
  Request,
  Setup,
  State,
  Step,
  Tokens,
} from '../../src/protocol/partitionAdmission.ts';

type Constants = Record<string, TlaValue>;
type Args = Record<string, TlaValue>;
type ByName<T> = Readonly<Record<string, T>>;

/** What the constants fix for a whole run. */
interface Fixed {
  readonly nodes: readonly string[];
  readonly partitions: readonly string[];
  readonly kinds: readonly Kind[];
  readonly leader: ByName<string>;
  readonly setups: ByName<Setup>;
  readonly allocatedRate: number;
  readonly ceilingRate: number;
}
interface System {
  readonly fixed: Fixed;
  readonly nodes: ByName<State>;
  readonly charges: ByName<ByName<ChargeMessage>>;
  readonly sharedLoad: ByName<Partial<Tokens>>;
  readonly cappedLoad: ByName<Partial<Tokens>>;
}

const term = 1;
const both = (tokens: number): Tokens => ({ read: tokens, write: tokens });

function mapOf<T>(names: readonly string[], f: (name: string) => T): Record<string, T> {
  return Object.fromEntries(names.map((name) => [name, f(name)]));
}

function get<T>(map: ByName<T>, name: string): T {
  const value = map[name];
  if (value === undefined) throw new Error(`nothing is known of ${name}`);
  return value;
}

const namesOf = (value: TlaValue | undefined): string[] =>
  [...(value as ReadonlySet<string>)].sort();

/** The other member of each pair in a placement (Led, Followed) that holds `name`. */
const partners = (pairs: TlaValue | undefined, name: string): string[] =>
  [...(pairs as ReadonlySet<ReadonlySet<string>>)]
    .filter((pair) => pair.has(name))
    .map((pair) => [...pair].find((other) => other !== name) ?? name)
    .sort();

function fix(constants: Constants): Fixed {
  const number = (name: string): number => constants[name] as number;
  const nodes = namesOf(constants.Nodes);
  const partitions = namesOf(constants.Partitions);
  const limits = {
    allocatedCap: both(number('AllocatedCap')),
    allocatedRate: both(number('AllocatedRate')),
    burstCap: both(number('BurstCap')),
    ceilingCap: both(number('CeilingCap')),
    ceilingRate: both(number('CeilingRate')),
  };
  const leader = mapOf(partitions, (p) => partners(constants.Led, p)[0] ?? '');
  const led = (p: string): Led => ({ limits, followers: partners(constants.Followed, p), term });
  const setup = (n: string): Setup => ({
    self: n,
    nodeCap: both(number('NodeCap')),
    nodeRate: both(number('NodeRate')),
    lagMax: number('LagMax'),
    firstReport: 0,
    led: mapOf(
      partitions.filter((p) => leader[p] === n),
      led,
    ),
  });
  return {
    nodes,
    partitions,
    kinds: namesOf(constants.Kinds) as Kind[],
    leader,
    setups: mapOf(nodes, setup),
    allocatedRate: limits.allocatedRate.write,
    ceilingRate: limits.ceilingRate.write,
  };
}

const known = new WeakMap<Constants, Fixed>();
function fixedOf(constants: Constants): Fixed {
  const old = known.get(constants);
  if (old) return old;
  const made = fix(constants);
  known.set(constants, made);
  return made;
}

const leaderOf = ({ fixed }: System, p: string): string => get(fixed.leader, p);
const setupOf = ({ fixed }: System, n: string): Setup => get(fixed.setups, n);

/** Node n took `step`: the network keeps the newest charge, the client counts what was admitted. */
function took(system: System, n: string, step: Step | undefined, request?: Request) {
  if (!step) return undefined;
  let { charges, sharedLoad, cappedLoad } = system;
  for (const output of step.outputs) {
    if (output.kind === 'send') {
      const { partition } = output.message;
      charges = {
        ...charges,
        [partition]: { ...get(charges, partition), [output.to]: output.message },
      };
    } else if (request && output.outcome !== 'throttled') {
      const { partition: p, kind: k, cost } = request;
      const add = (load: ByName<Partial<Tokens>>) => ({
        ...load,
        [p]: { ...get(load, p), [k]: (get(load, p)[k] ?? 0) + cost },
      });
      sharedLoad = add(sharedLoad);
      cappedLoad = add(cappedLoad);
    }
  }
  const nodes = { ...system.nodes, [n]: step.state };
  return { ...system, nodes, charges, sharedLoad, cappedLoad };
}

type Admission = (state: State, request: Request, setup: Setup) => Step | undefined;
const admission =
  (action: Admission) =>
  (system: System, { p, k, c }: Args): System | undefined => {
    const request = { partition: p as string, kind: k as Kind, cost: c as number };
    const n = leaderOf(system, request.partition);
    return took(system, n, action(get(system.nodes, n), request, setupOf(system, n)), request);
  };

function chargeFollower(system: System, p: string, m: string): System | undefined {
  const { [m]: message, ...others } = get(system.charges, p);
  if (!message) return undefined;
  const next = took(system, m, charge(get(system.nodes, m), message));
  return next && { ...next, charges: { ...next.charges, [p]: others } };
}

/** The two halves of Collect: the follower reports, and the leader takes the report. */
function collectReport(system: System, p: string, m: string): System | undefined {
  const sent = report(get(system.nodes, m), { partition: p, term }, setupOf(system, m));
  if (!sent) return undefined;
  const reporting = { ...system, nodes: { ...system.nodes, [m]: sent.state } };
  const n = leaderOf(system, p);
  return took(reporting, n, collect(get(reporting.nodes, n), sent.message));
}

function passTime(system: System): System | undefined {
  const { fixed, charges, sharedLoad, cappedLoad } = system;
  if (Object.values(charges).some((pending) => Object.keys(pending).length > 0)) return undefined;
  const nodes: Record<string, State> = {};
  for (const n of fixed.nodes) {
    const step = advance(get(system.nodes, n), { elapsed: 1 }, setupOf(system, n));
    if (!step) return undefined;
    nodes[n] = step.state;
  }
  const leak = (load: ByName<Partial<Tokens>>, rate: number) =>
    mapOf(fixed.partitions, (p) =>
      mapOf(fixed.kinds, (k) => Math.max(0, (get(load, p)[k as Kind] ?? 0) - rate)),
    );
  return {
    ...system,
    nodes,
    sharedLoad: leak(sharedLoad, fixed.allocatedRate),
    cappedLoad: leak(cappedLoad, fixed.ceilingRate),
  };
}

type Buckets = ByName<ByName<number>>;
/** A bucket that the model does not have (no such kind in it) is full and stays so. */
const tokensOf = (model: ByName<number> | undefined, full: Tokens): Tokens => ({
  ...full,
  ...model,
});

function decodeNode(model: Record<string, Buckets>, fixed: Fixed, n: string): State {
  const setup = get(fixed.setups, n);
  const blank = init(setup);
  const led = Object.keys(setup.led);
  const owed = model.owed ?? {};
  const total = (p: string) => Math.max(0, ...Object.values(owed[p] ?? {}));
  const buckets = (variable: string, full: ByName<Tokens>) =>
    mapOf(led, (p) => tokensOf(model[variable]?.[p], get(full, p)));
  return {
    ...blank,
    allocated: buckets('allocated', blank.allocated),
    burst: buckets('burst', blank.burst),
    ceiling: buckets('ceiling', blank.ceiling),
    node: tokensOf(model.node?.[n], blank.node),
    unrefilled: (model.unrefilled as unknown as ByName<number>)[n] ?? 0,
    reported: mapOf(led, (p) =>
      mapOf(get(setup.led, p).followers, (m) => model.reported?.[p]?.[m] ?? 0),
    ),
    written: mapOf(led, (p) => ({ term, total: total(p) })),
    charged: mapOf(
      fixed.partitions.filter((p) => fixed.leader[p] !== n),
      (p) => ({ term, total: total(p) - (owed[p]?.[n] ?? 0) }),
    ),
  };
}

function decode(values: Record<string, TlaValue>, constants: Constants): System {
  const fixed = fixedOf(constants);
  const model = values as unknown as Record<string, Buckets>;
  const nodes = mapOf(fixed.nodes, (n) => decodeNode(model, fixed, n));
  const charges = mapOf(fixed.partitions, (partition) => {
    const { total } = get(get(nodes, get(fixed.leader, partition)).written, partition);
    const pending = fixed.nodes.filter((m) => (model.owed?.[partition]?.[m] ?? 0) > 0);
    return mapOf(pending, (): ChargeMessage => ({ type: 'Charge', partition, term, total }));
  });
  return {
    fixed,
    nodes,
    charges,
    sharedLoad: model.sharedLoad ?? {},
    cappedLoad: model.cappedLoad ?? {},
  };
}

function view(system: System): Record<string, TlaValue> {
  const { fixed, nodes, charges } = system;
  const { partitions, kinds } = fixed;
  const perKind = (tokens: Partial<Tokens>) => mapOf(kinds, (k) => tokens[k as Kind] ?? 0);
  const atLeader = (f: (state: State, p: string) => TlaValue) =>
    mapOf(partitions, (p) => f(get(nodes, leaderOf(system, p)), p));
  const owed = (p: string, m: string): number => {
    const total = get(charges, p)[m]?.total;
    return total === undefined ? 0 : total - (get(nodes, m).charged[p]?.total ?? 0);
  };
  return {
    allocated: atLeader((state, p) => perKind(get(state.allocated, p))),
    burst: atLeader((state, p) => perKind(get(state.burst, p))),
    ceiling: atLeader((state, p) => perKind(get(state.ceiling, p))),
    node: mapOf(fixed.nodes, (n) => perKind(get(nodes, n).node)),
    unrefilled: mapOf(fixed.nodes, (n) => get(nodes, n).unrefilled),
    reported: atLeader((state, p) => mapOf(fixed.nodes, (m) => get(state.reported, p)[m] ?? 0)),
    owed: mapOf(partitions, (p) => mapOf(fixed.nodes, (m) => owed(p, m))),
    sharedLoad: mapOf(partitions, (p) => perKind(get(system.sharedLoad, p))),
    cappedLoad: mapOf(partitions, (p) => perKind(get(system.cappedLoad, p))),
  };
}

export const partitionAdmission = defineBinding<System>({
  name: 'partitionAdmission',
  spec: 'specs/admission/PartitionAdmission.tla',
  init: (constants) => {
    const fixed = fixedOf(constants);
    const idle = mapOf(fixed.partitions, () => mapOf(fixed.kinds, () => 0));
    return {
      fixed,
      nodes: mapOf(fixed.nodes, (n) => init(get(fixed.setups, n))),
      charges: mapOf(fixed.partitions, () => ({})),
      sharedLoad: idle,
      cappedLoad: idle,
    };
  },
  decode,
  view,
  actions: {
    AdmitAllocated: admission(admitAllocated),
    AdmitBurst: admission(admitBurst),
    Throttle: admission(throttle),
    Charge: (system, { p, m }) => chargeFollower(system, p as string, m as string),
    Collect: (system, { p, m }) => collectReport(system, p as string, m as string),
    Refill: (system, { n }) => {
      const name = n as string;
      return took(system, name, refill(get(system.nodes, name), setupOf(system, name)));
    },
    Advance: passTime,
  },
});
