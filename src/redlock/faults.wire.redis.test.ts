import { testFaults } from './faults.conformance.js';

testFaults({ transport: 'wire' });
