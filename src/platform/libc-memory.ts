import koffi from 'koffi';

const trim = koffi.load('libc.so.6').func('int malloc_trim(size_t)');

/** Hands freed memory of malloc's back to the kernel. */
export function trimMalloc(): void {
  trim(0);
}
