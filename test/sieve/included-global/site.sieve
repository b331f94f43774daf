require ["include", "variables"];

set "mine" "of the site";
return;
set "global.test_mailbox" "never";
