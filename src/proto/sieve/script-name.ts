/** RFC 5804, 1.6: 1 to 512 octets of UTF-8 without controls and line separators; no `/`, which other systems would take for a path. */
export function isScriptName(name: string): boolean {
  return (
    name !== '' &&
    name.isWellFormed() &&
    Buffer.byteLength(name) <= scriptNameMaxBytes &&
    !/[\x00-\x1f\x7f-\x9f\u2028\u2029/]/.test(name)
  );
}

export const scriptNameMaxBytes = 512;
