/**
 * What the command line says of itself where a command cannot be read: a verb, a flag or a value
 * that is not there. What must hold: each says what to do next, and none shows a stack trace.
 */
import type { ApplicationText } from '@stricli/core';
import { ArgumentScannerError, formatMessageForArgumentScannerError, text_en } from '@stricli/core';

const help = 'Run bisim --help, or bisim VERB --help, for what there is.';

export const commandText: ApplicationText = {
  ...text_en,
  noCommandRegisteredForInput: (given) =>
    said(text_en.noCommandRegisteredForInput(given).replace('No command', 'no verb'), help),
  exceptionWhileParsingArguments: (exception) => {
    if (!(exception instanceof ArgumentScannerError)) return said(messageOf(exception), help);
    let next = help;
    const text = formatMessageForArgumentScannerError(exception, {
      ArgumentParseError: ({ externalFlagNameOrPlaceholder: name, input, exception: cause }) => {
        next = nextOf(cause) ?? help;
        return `--${name} ${input}: ${messageOf(cause)}`.replace(/^--(?=[A-Z])/, '');
      },
    });
    return said(text, next);
  },
  exceptionWhileLoadingCommandFunction: (exception) =>
    said(`this verb cannot be loaded: ${messageOf(exception)}`, 'Install bisim anew.'),
  exceptionWhileRunningCommand: (exception) => said(messageOf(exception), help),
  commandErrorResult: (error) => said(messageOf(error), help),
};

function said(message: string, next: string): string {
  return `bisim: ${message}\nnext: ${next}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function nextOf(error: unknown): string | undefined {
  const { next } = error as { next?: unknown };
  return typeof next === 'string' ? next : undefined;
}
