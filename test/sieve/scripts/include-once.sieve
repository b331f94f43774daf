require ["include", "variables"];
include :once "counted";
include :once "counted";
if string "${global.count}" "x" { redirect "once@example.com"; }
