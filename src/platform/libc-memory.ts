import koffi from 'koffi';

/** What the C library and the kernel can be asked to take back, for idle-memory.ts. */
const c = koffi.load('libc.so.6');
const calls = {
  malloc_trim: c.func('int malloc_trim(size_t)'),
  madvise: c.func('int madvise(uintptr_t, size_t, int)'),
};

const MADV_DONTNEED = 4;

/** Hands freed memory of malloc's back. */
export function trimMalloc(): void {
  calls.malloc_trim(0);
}

/**
 * Unmaps the pages of a mapping; they come back from its file when they are touched.
 * Whoever calls has made sure that it is of a file, cannot be written, and holds no page of its own: all else would be lost.
 */
export function unmapPages(address: bigint, length: bigint): void {
  calls.madvise(address, length, MADV_DONTNEED);
}
