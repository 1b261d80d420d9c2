/** Forms in which the best weights of a run can be taken elsewhere. */
export const RUN_EXPORTS = ['onnx', 'tfjs', 'safetensors'] as const;
export type RunExport = (typeof RUN_EXPORTS)[number];

export interface RunExportKind {
  readonly title: string;
  /** What it is for, a sentence. */
  readonly description: string;
  /** Ending of the file, with the dot; `null`: a folder. */
  readonly extension: string | null;
}

export const RUN_EXPORT_KINDS: Readonly<Record<RunExport, RunExportKind>> = {
  onnx: {
    title: 'ONNX',
    description: 'One file with the whole model, for ONNX Runtime and others.',
    extension: '.onnx',
  },
  tfjs: {
    title: 'TensorFlow.js layers',
    description: 'A folder that tf.loadLayersModel reads, with a description of inputs and outputs.',
    extension: null,
  },
  safetensors: {
    title: 'safetensors',
    description: 'The weights alone, as they are, for programs of your own.',
    extension: '.safetensors',
  },
};
