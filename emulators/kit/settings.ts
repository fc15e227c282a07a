import { z } from 'zod';

/** Knobs of a running emulator. `values` is read anew each time they matter, so that a change takes effect at once. */
export interface Settings<T> {
  readonly values: Readonly<T>;
  /** Changes some of them. Throws an `Error` that names the field, what came and what is allowed. */
  change(input: unknown): void;
}

/** `schema` gives every knob its default. */
export function createSettings<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  initial: unknown = {},
): Settings<z.infer<z.ZodObject<Shape>>> {
  const read = (input: unknown) => {
    const result = schema.strict().safeParse(input);
    if (!result.success) throw new Error(`not settings of this emulator: ${z.prettifyError(result.error)}`);
    return result.data as z.infer<z.ZodObject<Shape>>;
  };
  let values = read(initial);
  return {
    get values() {
      return values;
    },
    change(input) {
      values = read({ ...values, ...(input as object) });
    },
  };
}
