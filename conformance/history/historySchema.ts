/** The two line formats as schemas: what `bisim schema` publishes and errors are worded by. */
import { z } from 'zod';

const time = z.int('a whole number');
const process = z.union([z.string(), z.number()], 'a string or a number');
const status = z.enum(['ok', 'fail', 'info'], '"ok", "fail" or "info"');

const common = {
  process,
  op: z.string(),
  key: z.unknown().optional(),
  value: z.unknown().optional(),
  eventual: z.boolean().optional(),
};

export const operationLine = z
  .object({
    ...common,
    result: z.unknown().optional(),
    invoke: time,
    return: time.nullable().optional(),
    status,
    token: z.string().optional(),
    position: time.optional(),
  })
  .refine((o) => o.status === 'info' || typeof o.return === 'number', {
    path: ['return'],
    error: 'a whole number, as the status is not info',
  })
  .refine((o) => o.status !== 'info' || typeof o.return !== 'number', {
    path: ['return'],
    error: 'null, as the status is info',
  })
  .refine((o) => o.op !== 'cas' || (Array.isArray(o.value) && o.value.length === 2), {
    path: ['value'],
    error: '[from, to], as the operation is cas',
  })
  .refine((o) => o.op !== 'cas' || o.status !== 'ok' || typeof o.result === 'boolean', {
    path: ['result'],
    error: 'true or false, as the operation is cas',
  });

export const eventLine = z.discriminatedUnion('type', [
  z.object({ type: z.literal('invoke'), ...common, time: time.optional() }),
  z.object({
    type: z.literal('return'),
    process,
    result: z.unknown().optional(),
    status,
    time: time.optional(),
    position: time.optional(),
  }),
]);

/** What is wrong with a line, in words. */
export function explainLine(kind: 'operation' | 'event', parsed: unknown): string {
  const { error } = (kind === 'event' ? eventLine : operationLine).safeParse(parsed);
  const issue = error?.issues[0];
  if (issue === undefined) return `not a history ${kind}`;
  const at = issue.path.join('.');
  const there = (parsed as Record<string, unknown> | null)?.[at];
  const found = at === '' ? '' : `, found ${there === undefined ? 'nothing' : cut(there)}`;
  return `field ${at === '' ? '(whole line)' : `"${at}"`}: expected ${issue.message}${found}`;
}

function cut(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
