/**
 * Binding of src/protocol/globalAdmission.ts to specs/admission/GlobalAdmission.tla: one server, one
 * record per router, a network whose messages grow old, and a client that meters what routers let
 * it spend. The view is total. What must hold: network and meter learn only from the code's
 * outputs, and every message is offered to every action that receives one.
 */
import { defineBinding } from '../../conformance/replay/binding.ts';
import type { TlaValue } from '../../conformance/value/value.ts';
import {
  advance,
  ask,
  grant,
  init,
  receiveGrant,
  restart,
  spend,
  throttle,
} from '../../src/protocol/globalAdmission.ts';
import type {
  GrantMessage,
  RequestMessage,
  Router,
  Server,
  Setup,
  Step,
} from '../../src/protocol/globalAdmission.ts';

type Constants = Record<string, TlaValue>;

/** A message and how long it still lives; the code sees the message alone. */
interface Travelling {
  readonly message: RequestMessage | GrantMessage;
  readonly life: number;
}
interface System {
  readonly setup: Setup;
  readonly server: Server;
  readonly routers: Readonly<Record<string, Router>>;
  readonly network: readonly Travelling[];
  readonly spent: number;
}

const known = new WeakMap<Constants, { setup: Setup; names: readonly string[] }>();
function fixedOf(constants: Constants) {
  const old = known.get(constants);
  if (old) return old;
  const number = (name: string): number => constants[name] as number;
  const setup: Setup = {
    rate: number('Rate'),
    bucketCap: number('BucketCap'),
    chunk: number('Chunk'),
    lowWater: number('LowWater'),
    lifetime: number('Lifetime'),
    askInterval: number('AskInterval'),
    restartBudget: number('RestartBudget'),
    lastNumber: 0,
  };
  const made = { setup, names: [...(constants.Routers as ReadonlySet<string>)].sort() };
  known.set(constants, made);
  return made;
}

function routerOf(system: System, r: TlaValue | undefined): Router {
  const router = system.routers[r as string];
  if (!router) throw new Error(`there is no router ${String(r)}`);
  return router;
}

/** Router r took `step`. A message it sends lives as long as the request it made. */
function routerTook(system: System, r: TlaValue | undefined, step: Step<Router> | undefined) {
  if (!step) return undefined;
  const sent = step.outputs.flatMap((output) =>
    output.kind === 'send' ? [{ message: output.message, life: system.setup.lifetime }] : [],
  );
  const routers = { ...system.routers, [r as string]: step.state };
  return { ...system, routers, network: [...system.network, ...sent] };
}

function meter(system: System, r: TlaValue | undefined, cost: number): System | undefined {
  const step = spend(routerOf(system, r), { cost }, system.setup);
  const next = routerTook(system, r, step);
  const admitted = step?.outputs.some((o) => o.kind === 'reply' && o.outcome === 'admitted');
  return next && { ...next, spent: system.spent + (admitted ? cost : 0) };
}

/** The server takes a request of r off the network; the grant lives no longer than the request. */
function serve(system: System, r: TlaValue | undefined, choice: Travelling): System | undefined {
  const { message, life } = choice;
  if (message.type !== 'Request' || message.router !== r) return undefined;
  const step = grant(system.server, { message }, system.setup);
  if (!step) return undefined;
  const sent = step.outputs.flatMap((output) =>
    output.kind === 'send' ? [{ message: output.message, life }] : [],
  );
  const kept = system.network.filter((travelling) => travelling !== choice);
  return { ...system, server: step.state, network: [...kept, ...sent] };
}

/** A grant stays on the network after it was received: it may come again. */
function deliver(system: System, r: TlaValue | undefined, { message }: Travelling) {
  if (message.type !== 'Grant' || message.router !== r) return undefined;
  return routerTook(system, r, receiveGrant(routerOf(system, r), { message }));
}

function passTime(system: System): System {
  const { setup } = system;
  const elapsed = { elapsed: 1 };
  return {
    setup,
    server: advance(system.server, elapsed, setup).state,
    routers: Object.fromEntries(
      Object.entries(system.routers).map(([r, router]) => [
        r,
        advance(router, elapsed, setup).state,
      ]),
    ),
    network: system.network
      .filter(({ life }) => life > 1)
      .map(({ message, life }) => ({ message, life: life - 1 })),
    spent: Math.max(0, system.spent - setup.rate),
  };
}

interface ModelMessage {
  readonly type: 'Request' | 'Grant';
  readonly router: string;
  readonly life: number;
  readonly tokens?: number;
}
interface Model {
  readonly bucket: number;
  readonly restartsLeft: number;
  readonly tokens: Record<string, number>;
  readonly life: Record<string, number>;
  readonly asked: Record<string, number>;
  readonly waiting: Record<string, boolean>;
  readonly messages: ReadonlySet<ModelMessage>;
  readonly spent: number;
}

/** A router's last request has number `lifetime`; one asked a unit earlier has one less. */
function decode(values: Record<string, TlaValue>, constants: Constants): System {
  const model = values as unknown as Model;
  const { setup, names } = fixedOf(constants);
  const router = (r: string): Router => ({
    role: 'router',
    tokens: model.tokens[r] ?? 0,
    life: model.life[r] ?? 0,
    asked: model.asked[r] ?? 0,
    waiting: model.waiting[r] ?? false,
    number: setup.lifetime,
  });
  const travelling = (m: ModelMessage): Travelling => {
    const number = setup.lifetime - ((model.asked[m.router] ?? 0) - m.life);
    const message: RequestMessage | GrantMessage =
      m.type === 'Request'
        ? { type: 'Request', router: m.router, number }
        : { type: 'Grant', router: m.router, number, tokens: m.tokens ?? 0 };
    return { message, life: m.life };
  };
  return {
    setup,
    server: { role: 'server', bucket: model.bucket, restartsLeft: model.restartsLeft },
    routers: Object.fromEntries(names.map((r) => [r, router(r)])),
    network: [...model.messages].map(travelling),
    spent: model.spent,
  };
}

function view(system: System): Record<string, TlaValue> {
  const routers = Object.entries(system.routers);
  const each = (f: (router: Router) => TlaValue) =>
    Object.fromEntries(routers.map(([r, router]) => [r, f(router)]));
  const seen = ({ message, life }: Travelling): TlaValue => {
    const { type, router } = message;
    return message.type === 'Grant'
      ? { type, router, life, tokens: message.tokens }
      : { type, router, life };
  };
  return {
    bucket: system.server.bucket,
    restartsLeft: system.server.restartsLeft,
    tokens: each((router) => router.tokens),
    life: each((router) => router.life),
    asked: each((router) => router.asked),
    waiting: each((router) => router.waiting),
    messages: new Set(system.network.map(seen)),
    spent: system.spent,
  };
}

export const globalAdmission = defineBinding<System>({
  name: 'globalAdmission',
  spec: 'specs/admission/GlobalAdmission.tla',
  init: (constants) => {
    const { setup, names } = fixedOf(constants);
    return {
      setup,
      server: init('server', setup),
      routers: Object.fromEntries(names.map((r) => [r, init('router', setup)])),
      network: [],
      spent: 0,
    };
  },
  decode,
  view,
  choices: {
    Grant: (system) => system.network,
    ReceiveGrant: (system) => system.network,
  },
  actions: {
    Ask: (system, { r }) =>
      routerTook(system, r, ask(routerOf(system, r), { router: r as string }, system.setup)),
    Grant: (system, { r }, choice) => serve(system, r, choice as Travelling),
    ReceiveGrant: (system, { r }, choice) => deliver(system, r, choice as Travelling),
    Spend: (system, { r, c }) => meter(system, r, c as number),
    Throttle: (system, { r, c }) =>
      routerTook(system, r, throttle(routerOf(system, r), { cost: c as number }, system.setup)),
    Restart: (system) => ({ ...system, server: restart(system.server, system.setup).state }),
    Advance: passTime,
  },
});
