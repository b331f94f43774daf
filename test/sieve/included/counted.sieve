require ["include", "variables"];
global "count";
set "count" "${count}x";
# What would come round again was included already.
include :once "counted";
