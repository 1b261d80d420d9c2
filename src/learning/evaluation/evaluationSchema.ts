// Views check it, too.
export { evaluationSchema } from '../../protocol/evaluationSchemas.js';
