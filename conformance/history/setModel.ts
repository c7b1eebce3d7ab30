/**
 * Sets: add and remove a value, contains (true or false), read (all members, in any order). Each
 * key is a set. A boolean result of add or remove says whether the set changed.
 */
import { Interner, sameValue } from './interner.ts';
import type { Model } from './model.ts';
import type { Operation } from './operation.ts';

type Members = readonly unknown[];

function has(members: Members, value: unknown): boolean {
  return members.some((member) => sameValue(member, value));
}

function changed(operation: Operation, changes: boolean): boolean {
  const told = operation.status === 'ok' && typeof operation.result === 'boolean';
  return !told || operation.result === changes;
}

function step(members: Members, operation: Operation): Members | undefined {
  const { op, value, result, status } = operation;
  if (op === 'add') {
    const fresh = !has(members, value);
    if (!changed(operation, fresh)) return undefined;
    return fresh ? [...members, value] : members;
  }
  if (op === 'remove') {
    const there = has(members, value);
    if (!changed(operation, there)) return undefined;
    return there ? members.filter((member) => !sameValue(member, value)) : members;
  }
  if (status === 'info') return members;
  if (op === 'contains') return has(members, value) === result ? members : undefined;
  const all = Array.isArray(result) ? (result as Members) : [];
  const same = all.length === members.length && all.every((member) => has(members, member));
  return same ? members : undefined;
}

const table = new Interner();

/** Members in any order are one state. */
function hash(members: Members): string {
  const ids = members.map((member) => table.intern(member));
  return ids.sort((a, b) => a - b).join();
}

export const set: Model<Members> = {
  name: 'set',
  operations: ['add', 'remove', 'contains', 'read'],
  init: [],
  step,
  hash,
  partition: (operation) => operation.key,
  pure: ({ op }) => op === 'contains' || op === 'read',
  refuses: ({ op, result, status }) => {
    if (status !== 'ok') return undefined;
    if (op === 'read' && !Array.isArray(result)) return 'field "result": expected all members';
    const told = op !== 'contains' || typeof result === 'boolean';
    return told ? undefined : 'field "result": expected true or false';
  },
  requires: (op) =>
    op === 'read' ? ['result'] : op === 'contains' ? ['value', 'result'] : ['value'],
};
