import { createMemoryRecords } from '../../../src/adapters/memory/records.ts';
import { recordsContract } from '../../support/contracts/records.ts';

recordsContract('memory', createMemoryRecords);
