// Makes a fresh clone able to run, and no more.
import { ensureInstalled } from './install.mjs';

await ensureInstalled();
