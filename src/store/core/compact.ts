/**
 * Makes arguments cheap to clone to another thread. A structured clone of a view copies the whole buffer behind it, which for a small
 * Buffer is a shared pool, and for a piece of a network chunk all of the chunk; such views are replaced by copies of their own bytes.
 */

/** A view may have this many bytes of its buffer unused before it is copied. */
const wasteMaxBytes = 512;

/** The value itself when it has nothing to replace; else a copy of the objects on the way to what was replaced. */
export function compact(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) {
    if (value.buffer.byteLength - value.byteLength <= wasteMaxBytes) return value;
    return new Uint8Array(value);
  }
  if (Array.isArray(value)) return compactArray(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  return compactObject(value as Record<string, unknown>);
}

function compactArray(values: readonly unknown[]): readonly unknown[] {
  let copy: unknown[] | undefined;
  for (let i = 0; i < values.length; i++) {
    const before = values[i];
    if (typeof before !== 'object' || before === null) continue;
    const after = compact(before);
    if (after !== before) (copy ??= [...values])[i] = after;
  }
  return copy ?? values;
}

function compactObject(value: Record<string, unknown>): Record<string, unknown> {
  let copy: Record<string, unknown> | undefined;
  for (const key in value) {
    const before = value[key];
    if (typeof before !== 'object' || before === null) continue;
    const after = compact(before);
    if (after !== before) (copy ??= { ...value })[key] = after;
  }
  return copy ?? value;
}
