#!/usr/bin/env node
/** The executable: everything is a subcommand (src/cli). */
import { main } from '../src/cli/main.ts';

await main(process.argv);
