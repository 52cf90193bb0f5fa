/**
 * An answer that takes work, made once for all who ask while it is on its way or no older than so many milliseconds: however often it is asked
 * for, it takes a bounded part of a processor. Afterwards it is forgotten, large as it may be.
 */
export function sharedAnswer<T>(make: () => Promise<T>, milliseconds: number): () => Promise<T> {
  let shared: Promise<T> | undefined;
  return () => {
    if (shared) return shared;
    const forget = () => {
      if (shared === made) shared = undefined;
    };
    const made = make();
    shared = made;
    made.then(() => setTimeout(forget, milliseconds).unref(), forget);
    return made;
  };
}
