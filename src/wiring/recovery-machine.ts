import { checkHealth, type HealthCheck, initializeComponents } from '../actors/check-health.ts';
import { diagnose, type Diagnostics } from '../actors/diagnose.ts';
import { escalate, type Escalation } from '../actors/escalate.ts';
import { type AccessMending, mendAccess } from '../actors/mend-access.ts';
import { type ApiMending, mendApi } from '../actors/mend-api.ts';
import { mendNetwork, type NetworkMending } from '../actors/mend-network.ts';
import { mendSip, type SipMending } from '../actors/mend-sip.ts';
import type { Clock } from '../clock.ts';
import { createRecovery, type RecoveryMachine } from '../machines/recovery/recovery.machine.ts';

/** What recovery can do about the world. */
export interface RecoveryPorts {
  readonly health: HealthCheck;
  readonly diagnostics: Diagnostics;
  readonly access: AccessMending;
  readonly api: ApiMending;
  readonly sip: SipMending;
  readonly network: NetworkMending;
  readonly escalation: Escalation;
}

export const recoveryMachine = (ports: RecoveryPorts, clock: Clock, random: () => number): RecoveryMachine =>
  createRecovery(
    {
      initializeComponents: initializeComponents(ports.health, clock),
      checkHealth: checkHealth(ports.health, clock),
      ...diagnose(ports.diagnostics, clock),
      ...mendAccess(ports.access, clock),
      ...mendApi(ports.api, clock),
      ...mendSip(ports.sip, clock),
      ...mendNetwork(ports.network, clock),
      ...escalate(ports.escalation, clock),
    },
    random,
  );
