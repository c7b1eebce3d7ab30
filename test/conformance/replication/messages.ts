/** Whether two messages are the same one: the network is a set of them. */
import { sameBallot } from '../../../src/protocol/replication/ballot.ts';
import type { Command } from '../../../src/protocol/replication/commandLog.ts';
import { sameCommand } from '../../../src/protocol/replication/commandLog.ts';
import type { Message, PromiseMessage } from '../../../src/protocol/replication/state.ts';

export function sameMessage(a: Message, b: Message): boolean {
  if (a === b) return true;
  return a.type === b.type && sameBallot(a.ballot, b.ballot) && sameFields(a, b);
}

function sameFields(a: Message, b: Message): boolean {
  switch (a.type) {
    case 'prepare':
      return b.type === 'prepare' && a.commit === b.commit;
    case 'promise':
      return b.type === 'promise' && samePromise(a, b);
    case 'join':
      return (
        b.type === 'join' && a.to === b.to && a.start === b.start && sameLog(a.entries, b.entries)
      );
    case 'accept':
      return b.type === 'accept' && a.slot === b.slot && sameCommand(a.command, b.command);
    case 'accepted':
      return b.type === 'accepted' && a.from === b.from && a.length === b.length;
    case 'commit':
      return b.type === 'commit' && a.slot === b.slot;
    case 'renew':
      return b.type === 'renew' && a.sentAtMs === b.sentAtMs;
    case 'grant':
      return b.type === 'grant' && a.from === b.from && a.sentAtMs === b.sentAtMs;
    case 'relinquish':
      return true;
  }
}

function samePromise(a: PromiseMessage, b: PromiseMessage): boolean {
  return (
    a.from === b.from &&
    a.start === b.start &&
    sameBallot(a.logBallot, b.logBallot) &&
    sameLog(a.entries, b.entries) &&
    sameGrants(a.grants, b.grants)
  );
}

function sameLog(a: readonly Command[], b: readonly Command[]): boolean {
  return a.length === b.length && a.every((command, i) => sameCommand(command, b[i]));
}

function sameGrants(a: PromiseMessage['grants'], b: PromiseMessage['grants']): boolean {
  if (a.length !== b.length) return false;
  return a.every((grant) =>
    b.some((other) => sameBallot(grant.ballot, other.ballot) && grant.leftMs === other.leftMs),
  );
}
