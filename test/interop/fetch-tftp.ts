/** The tftp package's client as a program: `node fetch-tftp.ts HOST FILE TO`. */
import { writeFile } from 'node:fs/promises';
import { readBack } from '../../src/tftp/probe.ts';

const [host = '', file = '', to = ''] = process.argv.slice(2);
await writeFile(to, await readBack(host, 69, file, { timeoutMs: 60_000 }));
