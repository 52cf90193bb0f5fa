import { AssetError, type AssetErrorCode } from './asset.ts';

const CODES: Record<string, AssetErrorCode> = {
  ENOENT: 'not-found',
  ENOTDIR: 'not-found',
  ENAMETOOLONG: 'not-found',
  ENXIO: 'not-a-file',
  EISDIR: 'not-a-file',
};

const WORDS: Record<string, string> = {
  EACCES: 'no permission to read it: chmod a+r it, and a+rx its folder',
  EPERM: 'no permission to read it: chmod a+r it, and a+rx its folder',
  EIO: 'the disk reports a read error (EIO)',
  ELOOP: 'it is a symbolic link that leads back to itself',
  EMFILE: 'too many files are open (EMFILE)',
  ENFILE: 'too many files are open on this host (ENFILE)',
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  ENAMETOOLONG: 'no such file: the name is too long',
  ENXIO: 'it is a socket or a device',
  EISDIR: 'it is a folder',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
};

/** The errno name of a system error, "EACCES"; undefined for any other error. */
export function errnoOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}

/** A system error in words. */
export function inWords(error: unknown): string {
  return WORDS[errnoOf(error) ?? ''] ?? (error instanceof Error ? error.message : String(error));
}

/** A failed file operation as an AssetError that names the file. */
export function assetError(path: string, error: unknown): AssetError {
  if (error instanceof AssetError) return error;
  const code = CODES[errnoOf(error) ?? ''] ?? 'unreadable';
  return new AssetError(code, `${path}: ${inWords(error)}`, { cause: error });
}
