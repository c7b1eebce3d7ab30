/**
 * Who prints an outcome, and where: one reporter on stdout, any number into files. What must hold:
 * two reporters never mix on stdout.
 */
import { writeFileSync } from 'node:fs';
import { UsageError } from '../sources/usageError.ts';
import type { Outcome } from './outcome.ts';

export const reporterKinds = ['text', 'json', 'junit', 'github', 'html'] as const;

export interface Reporter {
  readonly kind: (typeof reporterKinds)[number];
  /** Stdout where absent. */
  readonly file?: string;
}

/** `kind` or `kind=FILE`. */
export function parseReporter(text: string): Reporter {
  const [kind = '', ...rest] = text.split('=');
  const known = reporterKinds.find((name) => name === kind);
  if (known === undefined) {
    throw new UsageError(
      'no-reporter',
      `there is no reporter ${kind}`,
      `Name one of ${reporterKinds.join(', ')}.`,
    );
  }
  return rest.length === 0 ? { kind: known } : { kind: known, file: rest.join('=') };
}

export async function printOutcome(
  outcome: Outcome,
  reporters: readonly Reporter[],
  stdout: { write(text: string): unknown },
): Promise<void> {
  const printed = reporters.filter(({ file }) => file === undefined);
  if (printed.length > 1) {
    throw new UsageError(
      'reporters',
      `${printed.map(({ kind }) => kind).join(' and ')} would both print on stdout`,
      'Give all but one a file: --reporter junit=FILE.',
    );
  }
  const all: readonly Reporter[] =
    printed.length === 0 ? [{ kind: 'text' }, ...reporters] : reporters;
  for (const { kind, file } of all) {
    const text = await rendered(outcome, kind);
    if (file === undefined) stdout.write(text);
    else writeFileSync(file, text);
  }
}

async function rendered(outcome: Outcome, kind: Reporter['kind']): Promise<string> {
  switch (kind) {
    case 'text':
      return outcome.text;
    case 'json':
      return `${JSON.stringify(outcome.report)}\n`;
    case 'junit':
    case 'github':
    case 'html':
      throw new UsageError('no-reporter', `${kind} is not there yet`, 'Use text or json.');
  }
}
