require ["fileinto", "include", "variables", "relational"];
global "test";
global "test_mailbox";

set "test" "nothing";
include "subject-tests";
set "test" "money";
include "subject-tests";
set "mine" "1";
include :global "site";
if not string "${mine}" "1" { discard; stop; }
if string :count "eq" "${test_mailbox}" "1" {
	fileinto "${test_mailbox}";
	stop;
}
