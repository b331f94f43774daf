/** urn:ietf:params:jmap:sieve (RFC 9661): the scripts that ManageSieve shows as well. */
import { capabilities, notifyMethods } from '../../../proto/sieve/capability.ts';
import { defaultLimits } from '../../../proto/sieve/limits.ts';
import { scriptNameMaxBytes } from '../../../proto/sieve/script-name.ts';
import { scriptMaxBytes, scriptsMax } from '../../../sieve/limits.ts';
import type { HttpParts } from '../../parts.ts';
import type { Capability } from '../method.ts';
import { getMethod, setMethod } from '../records.ts';
import { queryMethod } from '../searches.ts';
import { afterScripts, scriptSearch, sieveScripts } from './scripts.ts';
import { validateScript } from './validate.ts';

export function sieve(parts: HttpParts): Capability {
  const type = sieveScripts(parts);
  return {
    uri: 'urn:ietf:params:jmap:sieve',
    ofServer: { implementation: 'Hikyaku' },
    ofAccount: async ({ isPersonal }) =>
      isPersonal
        ? {
            maxSizeScriptName: scriptNameMaxBytes,
            maxSizeScript: scriptMaxBytes,
            maxNumberScripts: scriptsMax,
            maxNumberRedirects: defaultLimits.redirectsMax,
            sieveExtensions: capabilities,
            notificationMethods: notifyMethods,
            externalLists: null,
          }
        : undefined,
    methods: {
      'SieveScript/get': getMethod(type),
      'SieveScript/set': setMethod(type, afterScripts(parts)),
      'SieveScript/query': queryMethod(scriptSearch(parts)),
      'SieveScript/validate': validateScript(parts),
    },
  };
}
