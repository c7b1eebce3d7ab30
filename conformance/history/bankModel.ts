/**
 * A bank: transfer `{from, to, amount}`, which answers true, or false where the balance of `from`
 * would go below zero; deposit `{account, amount}`; read, which answers all balances. All accounts
 * are one object, so nothing is split. An account nobody named has 0.
 */
import type { Model, Shape } from './model.ts';
import type { Operation } from './operation.ts';

type Balances = Readonly<Record<string, number>>;

interface Transfer {
  readonly from: string;
  readonly to: string;
  readonly amount: number;
}

/** Accounts may be called `constructor`: only what the record holds itself is a balance. */
function balanceOf(balances: Balances, account: string): number {
  return Object.hasOwn(balances, account) ? (balances[account] as number) : 0;
}

function moved(balances: Balances, account: string, by: number): Balances {
  return { ...balances, [account]: balanceOf(balances, account) + by };
}

function step(balances: Balances, operation: Operation): Balances | undefined {
  const { op, value, result, status } = operation;
  if (op === 'read') {
    return status === 'info' || sameBalances(balances, result) ? balances : undefined;
  }
  if (op === 'deposit') {
    const { account, amount } = value as { account: string; amount: number };
    return moved(balances, account, amount);
  }
  const { from, to, amount } = value as Transfer;
  const covered = balanceOf(balances, from) >= amount;
  if (status === 'ok' && covered === (result === false)) return undefined;
  return covered ? moved(moved(balances, from, -amount), to, amount) : balances;
}

function sameBalances(balances: Balances, result: unknown): boolean {
  const seen = (result ?? {}) as Balances;
  const accounts = new Set([...Object.keys(balances), ...Object.keys(seen)]);
  return [...accounts].every(
    (account) => balanceOf(balances, account) === balanceOf(seen, account),
  );
}

function refuses({ op, value, result, status }: Shape): string | undefined {
  if (op === 'read') {
    if (status !== 'ok' || isRecord(result)) return undefined;
    return 'field "result": expected all balances, as {account: number}';
  }
  const fields = op === 'deposit' ? ['account'] : ['from', 'to'];
  const named = isRecord(value) && fields.every((field) => typeof value[field] === 'string');
  if (named && typeof value['amount'] === 'number') return undefined;
  return `field "value": expected {${fields.join(', ')}, amount}, as the operation is ${op}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The bank with the given balances at the beginning. */
export function bankModel(init: Balances = {}): Model<Balances> {
  return {
    name: 'bank',
    operations: ['transfer', 'deposit', 'read'],
    init,
    step,
    pure: ({ op, status, result }) => op === 'read' || (status === 'ok' && result === false),
    requires: (op) => (op === 'read' ? ['result'] : ['value']),
    refuses,
  };
}

export const bank: Model<Balances> = bankModel();
