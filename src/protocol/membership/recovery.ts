/**
 * A replica comes back after a crash, in the epoch that its durable promise names.
 * Spec: specs/membership/Membership.tla, `Crash` and `Restart`.
 */
import * as recovery from '../replication/recovery.ts';
import type { Image } from '../replication/state.ts';
import type { Configuration, Identity, Opening, Step } from './state.ts';

export interface RestartArgs {
  readonly identity: Identity;
  /** The configuration of the first epoch, or the newest that was stored when slots were dropped. */
  readonly first: Configuration & { readonly opened?: number };
  readonly image: Image;
  /** The slots that are durably known to be chosen. */
  readonly kept: number;
  readonly nowMs: number;
}

/**
 * Starts from what was durable; the configuration is read off the log. Who is in an epoch knows
 * what came before it to be chosen, and applies what was not kept of that. A replica that waits to
 * become a member goes on waiting, with what it has copied: its items hold all of that.
 */
export function restart({ identity, first, image, kept, nowMs }: RestartArgs): Step {
  const { log, promised } = image;
  const { epoch } = promised;
  const { opened, members, storage } = configurationOf(image, first);
  const waits = epoch === 0;
  if (!waits && (kept < log.base || kept > log.length)) {
    const held = `a log of the slots ${log.base + 1} to ${log.length}`;
    throw new Error(`membership: ${kept} slots of ${identity.id} were kept, beside ${held}`);
  }
  const known = waits ? log.length : Math.max(kept, opened);
  const { id, leaseMs, driftMs } = identity;
  const group = { id, members, storage, leaseMs, driftMs };
  const step = recovery.restart({ group, image, kept: known, nowMs });
  const commands = waits ? [] : log.slice(kept + 1, known);
  const outputs =
    commands.length > 0 ? [{ kind: 'apply', first: kept + 1, commands } as const] : [];
  return { state: { ...step.state, epoch, opened }, outputs };
}

function configurationOf({ promised, log }: Image, first: RestartArgs['first']): Opening {
  if (promised.epoch === 0) return { epoch: 0, members: [], storage: [], opened: 0 };
  for (let slot = log.length; slot > log.base; slot -= 1) {
    const command = log.at(slot);
    if (command.kind !== 'reconfigure' || command.epoch !== promised.epoch - 1) continue;
    return { ...command, epoch: promised.epoch, opened: slot };
  }
  if (first.epoch !== promised.epoch) {
    throw new Error(`membership: the log does not tell the members of epoch ${promised.epoch}`);
  }
  return { ...first, opened: first.opened ?? 0 };
}
