import { api } from './api.ts';
import { holds, repeats } from './short.ts';
import { shortPath } from './short-path.ts';

repeats([shortPath, api]);
holds(shortPath, 'whatever is asked for, machines’ files are answered alike on both paths, never by a fault');
holds(api, 'whatever is asked of the API, events, metrics and page, they answer, never by a fault');
