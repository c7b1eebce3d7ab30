/**
 * What surrounds a group: crashes, restarts, time and what the storage keeps, as pure actions of
 * Membership.tla.
 */
import { restart } from '../../../src/protocol/membership/recovery.ts';
import type { Opening, State } from '../../../src/protocol/membership/state.ts';
import type { CommandLog } from '../../../src/protocol/replication/commandLog.ts';
import { durable, keepable } from '../../../src/protocol/replication/operators.ts';
import { settle } from './actions.ts';
import { leftOf } from './network.ts';
import type { World } from './world.ts';
import { at, keptOf, storageOf } from './world.ts';

/** The configuration that the storage keeps beside a log: that of its first slot. */
function beside({ model, lin }: World, { base }: CommandLog): Opening {
  for (let slot = base; slot > 0; slot -= 1) {
    const command = lin[slot - 1];
    if (command?.kind === 'reconfigure')
      return { ...command, epoch: command.epoch + 1, opened: slot };
  }
  const { first } = model;
  return { epoch: 1, members: first, storage: storageOf(model, first), opened: 0 };
}

/** What a replica is after a restart: the configuration is read off its durable log. */
function comeBack(world: World, state: State): State {
  const { now, stored } = world;
  const { promised, logBallot, log } = durable(state);
  const { id, leaseMs, driftMs } = state.group;
  const identity = { id, leaseMs, driftMs };
  const first = beside(world, log);
  const image = { promised, logBallot, log };
  return restart({ identity, first, image, kept: at(stored, id), nowMs: now }).state;
}

/** The storage makes durable what a replica knows to be chosen. */
export function keep(world: World, r: string): World | undefined {
  if (world.alive[r] !== true || !world.model.keeping.has(r)) return undefined;
  const kept = keepable(at(world.replicas, r));
  if (kept <= keptOf(world, r)) return undefined;
  return settle({ ...world, stored: { ...world.stored, [r]: kept } });
}

/** What is not durable is lost. */
export function crash(world: World, r: string): World | undefined {
  const { model, alive, crashes, replicas } = world;
  if (alive[r] !== true || !model.crashable.has(r)) return undefined;
  if (crashes >= model.crashLimit) return undefined;
  const state = at(replicas, r);
  const lost = { ...comeBack(world, state), grants: [] };
  // What waits for a copy that was not durable copies anew.
  const kept = lost.epoch === 0 ? lost.log.length : at(world.stored, r);
  return settle({
    ...world,
    stored: { ...world.stored, [r]: kept },
    crashes: crashes + 1,
    alive: { ...alive, [r]: false },
    replicas: { ...replicas, [r]: lost },
  });
}

export function restarted(world: World, r: string): World | undefined {
  const { alive, replicas } = world;
  if (alive[r] === true) return undefined;
  return settle({
    ...world,
    alive: { ...alive, [r]: true },
    replicas: { ...replicas, [r]: comeBack(world, at(replicas, r)) },
  });
}

/** One tick on every clock. */
export function advance(world: World): World | undefined {
  if (world.model.lease === 0 || !timed(world)) return undefined;
  return settle({ ...world, now: world.now + 1 });
}

function timed(world: World): boolean {
  const { now, msgs, model, replicas } = world;
  const about = msgs.some(
    (m) => (m.type === 'renew' || m.type === 'grant') && leftOf(world, m) > 0,
  );
  if (about) return true;
  return model.replicas.some((r) => {
    const { grants, waits, held } = at(replicas, r);
    const ends = [...grants, ...waits].map(({ untilMs }) => untilMs);
    return [...ends, ...Object.values(held)].some((untilMs) => untilMs > now);
  });
}
