/**
 * Everything that `mmu`, `emu`, `kernel` and `observe` may use beyond ECMAScript: the part that Node and every browser share.
 * tsconfig.core.json compiles these rooms against this file alone, so that a use of `process`, `Buffer` or `window`
 * is a type error. Source: WebAssembly JavaScript Interface (W3C), Encoding Standard (WHATWG).
 */

declare namespace WebAssembly {
  interface MemoryDescriptor {
    /** In 64 KiB pages. */
    initial: number;
    /** In 64 KiB pages. */
    maximum?: number;
    shared?: boolean;
  }
  class Memory {
    constructor(descriptor: MemoryDescriptor);
    readonly buffer: ArrayBuffer;
    grow(delta: number): number;
  }

  interface TableDescriptor {
    element: "anyfunc" | "externref";
    initial: number;
    maximum?: number;
  }
  class Table {
    constructor(descriptor: TableDescriptor);
    readonly length: number;
    get(index: number): unknown;
    set(index: number, value?: unknown): void;
    grow(delta: number, value?: unknown): number;
  }

  interface GlobalDescriptor {
    value: "i32" | "i64" | "f32" | "f64";
    mutable?: boolean;
  }
  class Global {
    constructor(descriptor: GlobalDescriptor, value?: unknown);
    value: unknown;
    valueOf(): unknown;
  }

  // biome-ignore lint/complexity/noBannedTypes: the W3C interface says Function.
  type ExportValue = Function | Global | Memory | Table;
  // biome-ignore lint/complexity/noBannedTypes: the W3C interface says Function.
  type ImportValue = Function | Global | Memory | Table | number;
  type Exports = Record<string, ExportValue>;
  type Imports = Record<string, Record<string, ImportValue>>;

  class Module {
    constructor(bytes: ArrayBufferView<ArrayBuffer> | ArrayBuffer);
  }
  class Instance {
    constructor(module: Module, imports?: Imports);
    readonly exports: Exports;
  }

  class CompileError extends Error {}
  class LinkError extends Error {}
  class RuntimeError extends Error {}

  function validate(bytes: ArrayBufferView<ArrayBuffer> | ArrayBuffer): boolean;
  function compile(bytes: ArrayBufferView<ArrayBuffer> | ArrayBuffer): Promise<Module>;
  function instantiate(module: Module, imports?: Imports): Promise<Instance>;
}

declare class TextEncoder {
  encode(input?: string): Uint8Array<ArrayBuffer>;
}

declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(input?: ArrayBufferView | ArrayBuffer): string;
}
