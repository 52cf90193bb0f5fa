import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';
import { type Response, Router } from 'express';

/** Of the page's folder, what is served; the rest is for tsc. */
const TYPES: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  ts: 'text/javascript; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  md: 'text/markdown; charset=utf-8',
};

/** How a file travels, where not as it is. */
const MADE: Record<string, (text: string) => string> = {
  ts: (text) => withoutComments(stripTypeScriptTypes(text)),
  js: withoutComments,
  css: condense,
};

export interface PageFile {
  readonly type: string;
  readonly text: string;
  readonly etag: string;
}

/** The page's files by name, as they are sent: the whole page is in memory, and under 100 kB. */
export function readPageFiles(): ReadonlyMap<string, PageFile> {
  const folder = fileURLToPath(new URL('page/', import.meta.url));
  const files = new Map<string, PageFile>();
  for (const name of readdirSync(folder)) {
    const extension = name.slice(name.lastIndexOf('.') + 1);
    const type = TYPES[extension];
    if (type === undefined || name.endsWith('.d.ts')) continue;
    const text = readFileSync(folder + name, 'utf8');
    files.set(name, pageFile(type, MADE[extension]?.(text) ?? text));
  }
  const preact = fileURLToPath(import.meta.resolve('htm/preact/standalone'));
  files.set('preact.js', pageFile(TYPES.js!, readFileSync(preact, 'utf8')));
  // What diagnoses point to: networks where machines are booted often have no internet.
  const help = fileURLToPath(new URL('../../docs/troubleshooting.md', import.meta.url));
  if (existsSync(help)) files.set('troubleshooting.md', pageFile(TYPES.md!, readFileSync(help, 'utf8')));
  return files;
}

function pageFile(type: string, text: string): PageFile {
  return { type, text, etag: `"${createHash('sha256').update(text).digest('base64url').slice(0, 20)}"` };
}

/** Stripping leaves blanks where types were: neither they nor comments, on lines of their own, have to travel. */
function withoutComments(text: string): string {
  return condense(text.replace(/^[ \t]*(\/\*\*[\s\S]*?\*\/|\/\/.*)$/gm, ''));
}

function condense(text: string): string {
  return text.replace(/^[ \t]+|[ \t]+$/gm, '').replace(/\n{2,}/g, '\n');
}

/** The page at / and its parts below /page/. */
export function pageRoutes(files: ReadonlyMap<string, PageFile> = readPageFiles()): Router {
  const router = Router();
  // Modules name each other step by step: told at once, they are fetched at once.
  const preload = needed('main.ts', files).map((name) => `</page/${name}>; rel=modulepreload`);
  router.get('/', (_request, response) => {
    response.set('Link', preload.join(', '));
    send(files.get('index.html')!, response);
  });
  router.get('/page/:name', (request, response, next) => {
    const file = files.get(request.params.name);
    if (file) send(file, response);
    else next();
  });
  return router;

  /** no-cache: kept, and asked for every time whether it is still the same. */
  function send({ type, text, etag }: PageFile, response: Response): void {
    response.set({ 'Content-Type': type, 'Cache-Control': 'no-cache', ETag: etag });
    response.send(text);
  }
}

/** All that a module imports, however deep; what it fetches later is left out. */
function needed(name: string, files: ReadonlyMap<string, PageFile>, found = new Set<string>()): string[] {
  found.add(name);
  for (const [, next] of files.get(name)?.text.matchAll(/from '\.\/([\w.-]+)'/g) ?? [])
    if (!found.has(next!)) needed(next!, files, found);
  return [...found];
}
