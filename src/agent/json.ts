import { z } from 'zod';

/** JSON as a model wrote it; nothing at all counts as `{}`, since models leave the input of a tool without fields empty. */
export function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text.trim() === '' ? '{}' : text) };
  } catch {
    return undefined;
  }
}

/** JSON Schema of what the model has to write. Throws for a schema that JSON cannot express, such as a date object. */
export function jsonSchemaOf(schema: z.ZodType): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return rest;
}
