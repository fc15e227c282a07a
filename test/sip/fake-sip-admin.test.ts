import { sipAdminContract } from '../support/contracts/sip-admin.ts';
import { fakeSipAdmin } from '../support/fakes/fake-sip-admin.ts';

sipAdminContract('fake', async () => fakeSipAdmin());
