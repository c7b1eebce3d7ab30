/** Commands and ballots as bytes, on the wire and in the write-ahead log alike. */
import type { Ballot } from '../protocol/replication/ballot.ts';
import { noop } from '../protocol/replication/commandLog.ts';
import type { Command } from '../protocol/replication/commandLog.ts';
import { Malformed } from '../world/bytes.ts';
import type { ByteReader, ByteWriter } from '../world/bytes.ts';

export function writeBallot(to: ByteWriter, { epoch, round, replica }: Ballot): void {
  to.count(epoch).count(round).text(replica);
}

export function readBallot(from: ByteReader): Ballot {
  return { epoch: from.count(), round: from.count(), replica: from.text() };
}

export function writeCommand(to: ByteWriter, command: Command): void {
  if (command.kind === 'noop') {
    to.byte(0);
    return;
  }
  if (command.kind === 'reconfigure') {
    const { epoch, members, storage } = command;
    to.byte(2).count(epoch);
    for (const names of [members, storage]) to.list(names, (each, name) => each.text(name));
    return;
  }
  to.byte(1).text(command.call).text(command.key).optional(command.value);
}

const commandBytes = 64;

/** About what a command takes, written or held. */
export function sizeOf(command: Command): number {
  if (command.kind !== 'write') return commandBytes;
  const { call, key, value } = command;
  return commandBytes + 2 * (call.length + key.length + (value?.length ?? 0));
}

export function readCommand(from: ByteReader): Command {
  const kind = from.byte();
  if (kind === 0) return noop;
  if (kind === 2) {
    const epoch = from.count();
    const names = (): string[] => from.list((each) => each.text());
    return { kind: 'reconfigure', epoch, members: names(), storage: names() };
  }
  if (kind !== 1) throw new Malformed(`no command: ${kind}`);
  return { kind: 'write', call: from.text(), key: from.text(), value: from.optional() };
}
