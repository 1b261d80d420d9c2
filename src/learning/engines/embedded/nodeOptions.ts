/**
 * Options for a process of its own that trains on the embedded engine: from Node 22 on relaxed SIMD (fused multiply-add) is
 * there; before, V8 has it behind this one. Without it the engine takes its other build.
 */
export function embeddedEngineNodeOptions(nodeVersion: string): readonly string[] {
  return Number(nodeVersion.split('.')[0]) < 22 ? ['--experimental-wasm-relaxed-simd'] : [];
}
