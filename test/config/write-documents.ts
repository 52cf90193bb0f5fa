// `npm run settings`: writes .env.example and the README's table from the declaration of the variables.
import { readFileSync, writeFileSync } from 'node:fs';
import { envExample, withTable } from '../../src/config/documents.ts';

const project = new URL('../../', import.meta.url);
writeFileSync(new URL('.env.example', project), envExample());
const readme = new URL('README.md', project);
writeFileSync(readme, withTable(readFileSync(readme, 'utf8')));
