/**
 * Global admission control of one table; spec: specs/admission/GlobalAdmission.tla. A server keeps
 * the table's bucket; routers spend tokens that it granted, ask for more when they run low, and
 * lose them when they expire. What must hold stands in `invariants`; the bound of a window is of
 * all routers together, and the spec's.
 *
 * The state is one record per server and one per router. Tokens and time are integers in the
 * caller's units. A router asks at most once in askInterval, and its requests carry a number, for
 * which the spec's messages have an age. Auxiliary fields: `role` tells the records apart, and
 * `number` is that of the router's last request.
 */

export interface Setup {
  readonly rate: number;
  readonly bucketCap: number;
  readonly chunk: number;
  readonly lowWater: number;
  readonly lifetime: number;
  readonly askInterval: number;
  readonly restartBudget: number;
  /** No less than every number that earlier runs of this router gave a request. */
  readonly lastNumber: number;
}
export interface Server {
  readonly role: 'server';
  readonly bucket: number;
  readonly restartsLeft: number;
}
export interface Router {
  readonly role: 'router';
  readonly tokens: number;
  readonly life: number;
  readonly asked: number;
  readonly waiting: boolean;
  readonly number: number;
}
export interface RequestMessage {
  readonly type: 'Request';
  readonly router: string;
  readonly number: number;
}
export interface GrantMessage {
  readonly type: 'Grant';
  readonly router: string;
  readonly number: number;
  readonly tokens: number;
}
export type Output =
  | { readonly kind: 'send'; readonly to: 'server'; readonly message: RequestMessage }
  | { readonly kind: 'send'; readonly to: 'router'; readonly message: GrantMessage }
  | { readonly kind: 'reply'; readonly outcome: 'admitted' | 'throttled' };
export interface Step<S extends Server | Router> {
  readonly state: S;
  readonly outputs: readonly Output[];
}

function assert(condition: boolean, rule: string): asserts condition {
  if (!condition) throw new Error(`globalAdmission: ${rule}`);
}

const positive = (value: number): boolean => Number.isSafeInteger(value) && value >= 1;

function assertLimits(setup: Setup): void {
  const { rate, bucketCap, chunk, lowWater, lifetime, askInterval, restartBudget } = setup;
  assert(positive(rate) && positive(bucketCap), 'rate and bucketCap are positive integers');
  assert(positive(lowWater) && positive(chunk), 'lowWater and chunk are positive integers');
  assert(positive(lifetime) && positive(askInterval), 'times are positive integers');
  assert(chunk >= lowWater, 'a whole chunk ends the need to ask');
  assert(askInterval <= lifetime, 'a router may ask again when its request has expired');
  assert(restartBudget >= 0, 'the budget of restarts is not negative');
}

/** The first server of a table, or a router that has not asked yet; see `restart` for the next. */
export function init(role: 'server', setup: Setup): Server;
export function init(role: 'router', setup: Setup): Router;
export function init(role: 'server' | 'router', setup: Setup): Server | Router {
  assertLimits(setup);
  if (role === 'server')
    return { role, bucket: setup.bucketCap, restartsLeft: setup.restartBudget };
  return { role, tokens: 0, life: 0, asked: 0, waiting: false, number: setup.lastNumber };
}

const mayAsk = (state: Router, setup: Setup): boolean =>
  state.tokens < setup.lowWater &&
  !state.waiting &&
  state.asked <= setup.lifetime - setup.askInterval;

/** A router that runs low asks; what it will get lives `lifetime`, counted from here. */
export function ask(
  state: Router,
  { router }: { readonly router: string },
  setup: Setup,
): Step<Router> | undefined {
  if (!mayAsk(state, setup)) return undefined;
  const number = state.number + 1;
  return {
    state: { ...state, asked: setup.lifetime, waiting: true, number },
    outputs: [{ kind: 'send', to: 'server', message: { type: 'Request', router, number } }],
  };
}

/** The server grants a chunk, or what it has; with an empty bucket the request has to wait. */
export function grant(
  state: Server,
  { message }: { readonly message: RequestMessage },
  setup: Setup,
): Step<Server> | undefined {
  if (state.bucket <= 0) return undefined;
  const tokens = Math.min(setup.chunk, state.bucket);
  const { router, number } = message;
  return {
    state: { ...state, bucket: state.bucket - tokens },
    outputs: [{ kind: 'send', to: 'router', message: { type: 'Grant', router, number, tokens } }],
  };
}

/**
 * A router takes the grant it waits for, once. It replaces the rest of the one before, which is
 * less than lowWater, so that all tokens of a router expire together.
 */
export function receiveGrant(
  state: Router,
  { message }: { readonly message: GrantMessage },
): Step<Router> | undefined {
  if (!state.waiting) return undefined;
  if (message.number !== state.number) return undefined;
  return {
    state: { ...state, tokens: message.tokens, life: state.asked, waiting: false },
    outputs: [],
  };
}

function assertCost(cost: number, setup: Setup): void {
  assert(positive(cost), 'a cost is a positive integer');
  assert(cost <= setup.lowWater, 'a router asks before it lacks the tokens of any one request');
}

/** A router admits a request that its tokens cover. */
export function spend(
  state: Router,
  { cost }: { readonly cost: number },
  setup: Setup,
): Step<Router> | undefined {
  assertCost(cost, setup);
  if (state.tokens < cost) return undefined;
  const tokens = state.tokens - cost;
  return {
    state: { ...state, tokens, life: tokens === 0 ? 0 : state.life },
    outputs: [{ kind: 'reply', outcome: 'admitted' }],
  };
}

/** A router refuses a request that its tokens do not cover, but only once it has asked for more. */
export function throttle(
  state: Router,
  { cost }: { readonly cost: number },
  setup: Setup,
): Step<Router> | undefined {
  assertCost(cost, setup);
  if (state.tokens >= cost) return undefined;
  if (mayAsk(state, setup)) return undefined;
  return { state, outputs: [{ kind: 'reply', outcome: 'throttled' }] };
}

/**
 * The next server of the table. It knows nothing of what was granted, so it starts full on the
 * budget and empty beyond it; `restartsLeft` comes from whoever starts the servers.
 */
export function restart(state: Pick<Server, 'restartsLeft'>, setup: Setup): Step<Server> {
  const { restartsLeft } = state;
  return {
    state: {
      role: 'server',
      bucket: restartsLeft > 0 ? setup.bucketCap : 0,
      restartsLeft: Math.max(0, restartsLeft - 1),
    },
    outputs: [],
  };
}

function advanceServer(state: Server, elapsed: number, setup: Setup): Server {
  return { ...state, bucket: Math.min(setup.bucketCap, state.bucket + setup.rate * elapsed) };
}

function advanceRouter(state: Router, elapsed: number): Router {
  return {
    ...state,
    tokens: state.life <= elapsed ? 0 : state.tokens,
    life: Math.max(0, state.life - elapsed),
    asked: Math.max(0, state.asked - elapsed),
    waiting: state.waiting && state.asked > elapsed,
  };
}

/** Time passes: the server's bucket fills, and a router's tokens and request grow old. */
export function advance(
  state: Server,
  args: { readonly elapsed: number },
  setup: Setup,
): Step<Server>;
export function advance(
  state: Router,
  args: { readonly elapsed: number },
  setup: Setup,
): Step<Router>;
export function advance(
  state: Server | Router,
  { elapsed }: { readonly elapsed: number },
  setup: Setup,
): Step<Server> | Step<Router> {
  assert(positive(elapsed), 'time moves forward');
  return state.role === 'server'
    ? { state: advanceServer(state, elapsed, setup), outputs: [] }
    : { state: advanceRouter(state, elapsed), outputs: [] };
}

const within = (value: number, high: number): boolean =>
  Number.isSafeInteger(value) && value >= 0 && value <= high;

/** The spec's invariants that one record can show; true of every state reached by the above. */
export const invariants = {
  TypeOK: (state: Server | Router, setup: Setup): boolean =>
    state.role === 'server'
      ? within(state.bucket, setup.bucketCap) && within(state.restartsLeft, setup.restartBudget)
      : within(state.tokens, setup.chunk) &&
        within(state.life, setup.lifetime) &&
        within(state.asked, setup.lifetime),
  ExpiryInv: (state: Server | Router): boolean =>
    state.role === 'server' || state.tokens > 0 === state.life > 0,
} as const;
