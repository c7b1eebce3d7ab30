/** The two line formats as schemas: what `bisim schema` publishes and errors are worded by. */
import { z } from 'zod';

const time = z.int({
  error: ({ input }) => (isLarge(input) ? 'a whole number below 2^53' : 'a whole number'),
});
const process = z.union([z.string(), z.number()], 'a string or a number');
const status = z.enum(['ok', 'fail', 'info'], '"ok", "fail" or "info"');

const common = {
  process,
  op: z.string('the name of an operation'),
  key: z.unknown().optional(),
  value: z.unknown().optional(),
  eventual: z.boolean('true or false').optional(),
  token: z.string('a text').optional(),
};

export const operationLine = z
  .object(
    {
      ...common,
      result: z.unknown().optional(),
      invoke: time,
      return: time.nullable().optional(),
      status,
      position: time.optional(),
    },
    'an object, one operation a line',
  )
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

export const eventLine = z.discriminatedUnion(
  'type',
  [
    z.object({ type: z.literal('invoke'), ...common, time: time.optional() }),
    z.object({
      type: z.literal('return'),
      process,
      result: z.unknown().optional(),
      status,
      time: time.optional(),
      position: time.optional(),
    }),
  ],
  '"invoke" or "return"',
);

function isLarge(input: unknown): boolean {
  return typeof input === 'object' && input !== null && '#bigint' in input;
}

/** What is wrong with a line, in words. */
export function explainLine(kind: 'operation' | 'event', parsed: unknown): string {
  const { error } = (kind === 'event' ? eventLine : operationLine).safeParse(parsed);
  const issue = error?.issues[0];
  if (issue === undefined) return `not a history ${kind}`;
  const at = issue.path.join('.');
  const there = (parsed as Record<string, unknown> | null)?.[at];
  if (at === '') return `expected ${issue.message}, found ${cut(parsed)}`;
  const found = there === undefined ? 'nothing' : cut(there);
  return `field "${at}": expected ${issue.message}, found ${found}`;
}

function cut(value: unknown): string {
  const whole = (value as { '#bigint'?: string } | null)?.['#bigint'];
  const text = whole ?? JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
