/**
 * Admission of requests by a storage node; spec: specs/admission/PartitionAdmission.tla. A request
 * is paid from the partition's allocated tokens, else from its burst tokens if the node, the
 * partition's ceiling and, for a write, every follower's node have tokens to spare. What must hold
 * stands in `invariants`; the windows and the nodes' debt are of several nodes, and the spec's.
 *
 * The state is one record per node. Tokens and time are integers in the caller's units; the
 * database counts thousandths of a unit and milliseconds, so that one unit a second is one token a
 * millisecond. The spec's `owed` is the difference of two running totals, `written` at the leader
 * and `charged` at the follower, so that charges may be lost, repeated or reordered.
 * Auxiliary fields: `reports` and `heard` number the reports, so that an old one is ignored.
 */

export type Kind = 'read' | 'write';
export type Tokens = Readonly<Record<Kind, number>>;
type ByName<T> = Readonly<Record<string, T>>;

export interface PartitionLimits {
  readonly allocatedCap: Tokens;
  readonly allocatedRate: Tokens;
  readonly burstCap: Tokens;
  readonly ceilingCap: Tokens;
  readonly ceilingRate: Tokens;
}
export interface Led {
  readonly limits: PartitionLimits;
  readonly followers: readonly string[];
  /** Grows with each change of leader: a new leader counts its writes from 0. */
  readonly term: number;
}
/** What the control plane says of a node: its limits, and the partitions it leads. */
export interface Setup {
  readonly self: string;
  readonly nodeCap: Tokens;
  readonly nodeRate: Tokens;
  readonly lagMax: number;
  /** Above every number that earlier runs of this node gave a report: say, when it started. */
  readonly firstReport: number;
  readonly led: ByName<Led>;
}
export interface Total {
  readonly term: number;
  readonly total: number;
}
export interface State {
  readonly allocated: ByName<Tokens>;
  readonly burst: ByName<Tokens>;
  readonly ceiling: ByName<Tokens>;
  readonly node: Tokens;
  readonly unrefilled: number;
  readonly reported: ByName<ByName<number>>;
  readonly written: ByName<Total>;
  readonly charged: ByName<Total>;
  readonly reports: number;
  readonly heard: ByName<ByName<number>>;
}
/** The running total of a leader's writes, on its way to a follower. */
export interface ChargeMessage extends Total {
  readonly type: 'Charge';
  readonly partition: string;
}
/** The tokens of a follower's node, and the part of the leader's writes that they count. */
export interface ReportMessage extends Total {
  readonly type: 'Report';
  readonly partition: string;
  readonly from: string;
  readonly number: number;
  readonly tokens: number;
}
export type Output =
  | { readonly kind: 'reply'; readonly outcome: 'allocated' | 'burst' | 'throttled' }
  | { readonly kind: 'send'; readonly to: string; readonly message: ChargeMessage };
export interface Step {
  readonly state: State;
  readonly outputs: readonly Output[];
}
export interface Request {
  readonly partition: string;
  readonly kind: Kind;
  readonly cost: number;
}

const kinds: readonly Kind[] = ['read', 'write'];

function assert(condition: boolean, rule: string): asserts condition {
  if (!condition) throw new Error(`partitionAdmission: ${rule}`);
}

const each = (f: (kind: Kind) => number): Tokens => ({ read: f('read'), write: f('write') });

const less = (tokens: Tokens, kind: Kind, cost: number): Tokens => ({
  ...tokens,
  [kind]: tokens[kind] - cost,
});

function of<T>(map: ByName<T>, name: string): T {
  const value = map[name];
  assert(value !== undefined, `this node does not lead ${name}`);
  return value;
}

function mapOf<T>(names: readonly string[], f: (name: string) => T): ByName<T> {
  return Object.fromEntries(names.map((name) => [name, f(name)]));
}

function assertLimits({ led, lagMax }: Setup): void {
  assert(lagMax >= 1, 'lagMax is at least one unit of time');
  for (const { limits } of Object.values(led)) {
    for (const kind of kinds) {
      assert(
        limits.ceilingCap[kind] >= limits.allocatedCap[kind] &&
          limits.ceilingRate[kind] >= limits.allocatedRate[kind],
        'a ceiling is not below what is allocated',
      );
    }
  }
}

/**
 * The record of a node that starts, or, with `previous`, of one whose partitions changed: those
 * it keeps leading in the same term keep their buckets, the others start with full ones.
 */
export function init(setup: Setup, previous?: State): State {
  assertLimits(setup);
  const names = Object.keys(setup.led).sort();
  const keeps = (name: string) => previous?.written[name]?.term === setup.led[name]?.term;
  const bucket = (old: ByName<Tokens> | undefined, cap: (limits: PartitionLimits) => Tokens) =>
    mapOf(names, (name) => {
      const full = cap(of(setup.led, name).limits);
      const kept = keeps(name) ? old?.[name] : undefined;
      return kept ? each((kind) => Math.min(kept[kind], full[kind])) : full;
    });
  const perFollower = (old: ByName<ByName<number>> | undefined) =>
    mapOf(names, (name) =>
      mapOf(of(setup.led, name).followers, (follower) =>
        keeps(name) ? (old?.[name]?.[follower] ?? 0) : 0,
      ),
    );
  return {
    allocated: bucket(previous?.allocated, (limits) => limits.allocatedCap),
    burst: bucket(previous?.burst, (limits) => limits.burstCap),
    ceiling: bucket(previous?.ceiling, (limits) => limits.ceilingCap),
    node: previous?.node ?? setup.nodeCap,
    unrefilled: previous?.unrefilled ?? 0,
    reported: perFollower(previous?.reported),
    written: mapOf(names, (name) => {
      const fresh = { term: of(setup.led, name).term, total: 0 };
      return keeps(name) ? (previous?.written[name] ?? fresh) : fresh;
    }),
    charged: previous?.charged ?? {},
    reports: previous?.reports ?? setup.firstReport,
    heard: perFollower(previous?.heard),
  };
}

const fresh = (state: State): boolean => state.unrefilled === 0;

const reached = ({ partition, kind }: Request, setup: Setup): readonly string[] =>
  kind === 'write' ? of(setup.led, partition).followers : [];

const coveredByShare = (state: State, { partition, kind, cost }: Request): boolean =>
  of(state.allocated, partition)[kind] >= cost;

/** Every condition of a burst stands here, one a line, as in the spec. */
function coveredByBurst(state: State, request: Request, setup: Setup): boolean {
  const { partition, kind, cost } = request;
  const followers = reached(request, setup);
  const reported = of(state.reported, partition);
  if (of(state.burst, partition)[kind] < cost) return false;
  if (of(state.ceiling, partition)[kind] - cost < of(state.allocated, partition)[kind])
    return false;
  if (state.node[kind] < cost) return false;
  if (followers.some((follower) => of(reported, follower) < cost)) return false;
  return true;
}

/** What every admission does: charge ceiling, node and followers, and tell these the new total. */
function account(state: State, request: Request, setup: Setup): Step {
  const { partition, kind, cost } = request;
  const followers = reached(request, setup);
  const { term, total } = of(state.written, partition);
  const written: Total = { term, total: total + (followers.length > 0 ? cost : 0) };
  assert(Number.isSafeInteger(written.total), 'a total of writes stays a safe integer');
  return {
    state: {
      ...state,
      ceiling: {
        ...state.ceiling,
        [partition]: less(of(state.ceiling, partition), kind, cost),
      },
      node: less(state.node, kind, cost),
      written: { ...state.written, [partition]: written },
    },
    outputs: followers.map((to) => ({
      kind: 'send',
      to,
      message: { type: 'Charge', partition, ...written },
    })),
  };
}

function assertCost({ cost, kind, partition }: Request, setup: Setup): void {
  const { allocatedCap } = of(setup.led, partition).limits;
  assert(Number.isSafeInteger(cost) && cost >= 1, 'a cost is a positive integer');
  assert(cost <= allocatedCap[kind], 'a cost is no more than the allocated bucket can hold');
}

/** The new reports of the followers that `request` reaches, the others unchanged. */
function deducted(state: State, request: Request, setup: Setup, floor: number): State['reported'] {
  const old = of(state.reported, request.partition);
  const followers = reached(request, setup);
  const left = mapOf(followers, (to) => Math.max(floor, of(old, to) - request.cost));
  return { ...state.reported, [request.partition]: { ...old, ...left } };
}

/** Admits what the allocated tokens cover, whatever the node's bucket says. */
export function admitAllocated(state: State, request: Request, setup: Setup): Step | undefined {
  assertCost(request, setup);
  if (!fresh(state)) return undefined;
  if (!coveredByShare(state, request)) return undefined;
  const { partition, kind, cost } = request;
  const paid: State = {
    ...state,
    allocated: {
      ...state.allocated,
      [partition]: less(of(state.allocated, partition), kind, cost),
    },
    reported: deducted(state, request, setup, 0),
  };
  const step = account(paid, request, setup);
  return { ...step, outputs: [...step.outputs, { kind: 'reply', outcome: 'allocated' }] };
}

/** Admits what the allocated tokens do not cover, but burst tokens and all the nodes do. */
export function admitBurst(state: State, request: Request, setup: Setup): Step | undefined {
  assertCost(request, setup);
  if (!fresh(state)) return undefined;
  if (coveredByShare(state, request)) return undefined;
  if (!coveredByBurst(state, request, setup)) return undefined;
  const { partition, kind, cost } = request;
  const paid: State = {
    ...state,
    burst: { ...state.burst, [partition]: less(of(state.burst, partition), kind, cost) },
    reported: deducted(state, request, setup, -Infinity),
  };
  const step = account(paid, request, setup);
  return { ...step, outputs: [...step.outputs, { kind: 'reply', outcome: 'burst' }] };
}

/** Refuses what neither covers; nothing is charged. */
export function throttle(state: State, request: Request, setup: Setup): Step | undefined {
  assertCost(request, setup);
  if (!fresh(state)) return undefined;
  if (coveredByShare(state, request)) return undefined;
  if (coveredByBurst(state, request, setup)) return undefined;
  return { state, outputs: [{ kind: 'reply', outcome: 'throttled' }] };
}

/** A follower charges its node for the leader's writes that it has not charged yet. */
export function charge(state: State, message: ChargeMessage): Step | undefined {
  const { partition, term, total } = message;
  const old = state.charged[partition];
  if (!fresh(state)) return undefined;
  if (old !== undefined && term < old.term) return undefined;
  const already = old !== undefined && old.term === term ? old.total : 0;
  if (total <= already) return undefined;
  return {
    state: {
      ...state,
      node: less(state.node, 'write', total - already),
      charged: { ...state.charged, [partition]: { term, total } },
    },
    outputs: [],
  };
}

/** A follower's report to the leader of a partition; the other half of the spec's Collect. */
export function report(
  state: State,
  { partition, term }: { readonly partition: string; readonly term: number },
  setup: Setup,
): { readonly state: State; readonly message: ReportMessage } | undefined {
  if (!fresh(state)) return undefined;
  const known = state.charged[partition];
  const total = known !== undefined && known.term === term ? known.total : 0;
  const number = state.reports + 1;
  const tokens = state.node.write;
  return {
    state: { ...state, reports: number },
    message: { type: 'Report', partition, term, total, from: setup.self, number, tokens },
  };
}

/** The leader takes a report, less its own writes that the report does not count. */
export function collect(state: State, message: ReportMessage): Step | undefined {
  const { partition, from, number, term, total, tokens } = message;
  const written = state.written[partition];
  const reported = state.reported[partition];
  const heard = state.heard[partition];
  if (written === undefined || reported === undefined || heard === undefined) return undefined;
  if (written.term !== term || reported[from] === undefined) return undefined;
  if (number <= (heard[from] ?? 0)) return undefined;
  const left = Math.max(0, tokens - (written.total - total));
  return {
    state: {
      ...state,
      reported: { ...state.reported, [partition]: { ...reported, [from]: left } },
      heard: { ...state.heard, [partition]: { ...heard, [from]: number } },
    },
    outputs: [],
  };
}

/** Credits the time since the last refill; what the share cannot hold is kept for bursts. */
export function refill(state: State, setup: Setup): Step | undefined {
  const time = state.unrefilled;
  if (time <= 0) return undefined;
  const names = Object.keys(state.allocated);
  const limits = (name: string) => of(setup.led, name).limits;
  const filled = (name: string, kind: Kind) =>
    of(state.allocated, name)[kind] + limits(name).allocatedRate[kind] * time;
  const buckets = (f: (name: string, kind: Kind) => number) =>
    mapOf(names, (name) => each((kind) => f(name, kind)));
  return {
    state: {
      ...state,
      allocated: buckets((name, kind) =>
        Math.min(limits(name).allocatedCap[kind], filled(name, kind)),
      ),
      burst: buckets((name, kind) => {
        const unused = Math.max(0, filled(name, kind) - limits(name).allocatedCap[kind]);
        return Math.min(limits(name).burstCap[kind], of(state.burst, name)[kind] + unused);
      }),
      ceiling: buckets((name, kind) => {
        const raised = of(state.ceiling, name)[kind] + limits(name).ceilingRate[kind] * time;
        return Math.min(limits(name).ceilingCap[kind], raised);
      }),
      node: each((kind) =>
        Math.min(setup.nodeCap[kind], state.node[kind] + setup.nodeRate[kind] * time),
      ),
      unrefilled: 0,
    },
    outputs: [],
  };
}

/** Time passes; a node that has left its refill for lagMax refills before more passes. */
export function advance(
  state: State,
  { elapsed }: { readonly elapsed: number },
  setup: Setup,
): Step | undefined {
  assert(Number.isSafeInteger(elapsed) && elapsed >= 1, 'time moves forward');
  if (state.unrefilled >= setup.lagMax) return undefined;
  return { state: { ...state, unrefilled: state.unrefilled + elapsed }, outputs: [] };
}

const within = (value: number, low: number, high: number): boolean =>
  Number.isSafeInteger(value) && value >= low && value <= high;

const everyBucket = (
  state: State,
  setup: Setup,
  holds: (name: string, kind: Kind, limits: PartitionLimits) => boolean,
): boolean =>
  Object.keys(state.allocated).every((name) =>
    kinds.every((kind) => holds(name, kind, of(setup.led, name).limits)),
  );

/** The spec's invariants that one node can see; true of every state the functions above reach. */
export const invariants = {
  TypeOK: (state: State, setup: Setup): boolean =>
    everyBucket(
      state,
      setup,
      (name, kind, limits) =>
        within(of(state.allocated, name)[kind], 0, limits.allocatedCap[kind]) &&
        within(of(state.burst, name)[kind], 0, limits.burstCap[kind]) &&
        within(of(state.ceiling, name)[kind], 0, limits.ceilingCap[kind]),
    ) && kinds.every((kind) => within(state.node[kind], -Infinity, setup.nodeCap[kind])),
  HeadroomInv: (state: State, setup: Setup): boolean =>
    everyBucket(
      state,
      setup,
      (name, kind) => of(state.ceiling, name)[kind] >= of(state.allocated, name)[kind],
    ),
  ReportedInv: (state: State): boolean =>
    Object.values(state.reported).every((followers) =>
      Object.values(followers).every((tokens) => within(tokens, 0, Infinity)),
    ),
} as const;
