#!/usr/bin/env node
/** The command line of the toolkit: what node is given to run. */
import { runCommandLine } from './commands/runCommandLine.ts';

await runCommandLine(process.argv.slice(2));
