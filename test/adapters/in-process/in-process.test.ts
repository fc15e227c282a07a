import { describe } from 'vitest';
import { earContract } from '../../support/contracts/ear.ts';
import { playerContract } from '../../support/contracts/player.ts';
import { roomContract } from '../../support/contracts/room.ts';
import { openInProcessWorld } from './in-process-world.ts';

describe('the in-process room', () => roomContract(openInProcessWorld));
describe('the in-process ear', () => earContract(openInProcessWorld));
describe('the in-process player', () => playerContract(openInProcessWorld));
