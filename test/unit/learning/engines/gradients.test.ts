import { EmbeddedEngine } from '../../../../src/learning/engines/embedded/embeddedEngine.js';
import { gradientTests } from './gradientCases.js';

gradientTests(() => EmbeddedEngine.create({ threads: 2 }));
