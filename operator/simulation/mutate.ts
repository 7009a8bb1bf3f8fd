import { registerHooks } from 'node:module';

/** A change of one file of the operator's, as text. */
export interface Edit {
  /** From the project's folder on. */
  readonly file: string;
  /** Must be there exactly once. */
  readonly find: string;
  readonly replace: string;
}

/**
 * Changes the operator's code as it is loaded into this thread from now on. Nothing on disk is touched.
 * @returns which edits found nothing to change, to be asked once everything is loaded
 */
export function plantMutant(edits: readonly Edit[]): () => readonly string[] {
  const left = new Map(edits.map((edit) => [edit, `${edit.file} was not loaded`]));
  if (edits.length === 0) return () => [];
  registerHooks({
    load: (url, context, nextLoad) => {
      const loaded = nextLoad(url, context);
      const mine = edits.filter(({ file }) => url.endsWith(`/${file}`));
      if (mine.length === 0) return loaded;
      let source = String(loaded.source instanceof ArrayBuffer || ArrayBuffer.isView(loaded.source) ? new TextDecoder().decode(loaded.source) : loaded.source);
      for (const edit of mine) {
        const times = source.split(edit.find).length - 1;
        if (times === 1) left.delete(edit);
        else left.set(edit, `${edit.file} has ${JSON.stringify(edit.find)} ${times} times instead of once`);
        source = source.replace(edit.find, () => edit.replace);
      }
      return { ...loaded, source };
    },
  });
  return () => [...left.values()];
}
